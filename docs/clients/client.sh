#!/usr/bin/env bash
# Log in, keep the cookie, call, log out: client.sh URL-OF-THE-SITE USERNAME PASSWORD
# Needs curl and jq.
set -euo pipefail
[ $# = 3 ] || { echo "usage: client.sh URL-OF-THE-SITE USERNAME PASSWORD" >&2; exit 2; }
site=${1%/} username=$2 password=$3

# Without TLS the methods of user and auth want to be told that this is meant.
insecure=()
case $site in http://*) insecure=(--data-urlencode insecure=cool) ;; esac

# call CONTROLLER/METHOD [NAME=VALUE]...: prints the answer, or fails with the error's text.
call() {
    local method=$1 sent=() answer
    shift
    for pair in "$@"; do sent+=(--data-urlencode "$pair"); done
    answer=$(curl -sS --max-time 30 "$site/api/$method/" "${insecure[@]}" "${sent[@]}")
    if [ "$(jq -r .status <<<"$answer" 2>/dev/null)" != ok ]; then
        jq -er .error <<<"$answer" >&2 2>/dev/null || echo "no answer of the API at $site" >&2
        return 1
    fi
    printf '%s\n' "$answer"
}

cookie=$(call user/generate_auth_cookie "username=$username" "password=$password" | jq -r .cookie)
call user/get_currentuserinfo "cookie=$cookie" | jq -r '"Hello, \(.user.displayname)"'
call user/update_user_meta "cookie=$cookie" meta_key=color meta_value=green >/dev/null
call user/get_user_meta "cookie=$cookie" meta_key=color | jq -r '"Your color is \(.color[0])"'
call auth/clear_auth_cookie "cookie=$cookie" >/dev/null
call user/validate_auth_cookie "cookie=$cookie" | jq -r 'if .valid then "Still logged in" else "Logged out" end'

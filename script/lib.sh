# shellcheck shell=bash
# What the scripts of this folder share. Sourced, never run.
# Not here: anything that only one script needs.

set -euo pipefail

# shellcheck disable=SC2034  # read by the scripts that source this file
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Everything that is downloaded for the tests. Several checkouts may share one by naming it here;
# the Rust tests read the same variable.
export WP_SIDECAR_TEST_CACHE="${WP_SIDECAR_TEST_CACHE:-$root/.cache}"

# Debian keeps servers in sbin, which is not on everybody's path.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin:$HOME/.cargo/bin"

say() { printf '==> %s\n' "$*" >&2; }

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Runs a command as root: directly, or through sudo.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif have sudo; then
        sudo "$@"
    else
        die "this needs root: run it as root, or install sudo: $*"
    fi
}

can_be_root() { [ "$(id -u)" = 0 ] || have sudo; }

# Installs Debian packages. Nobody is asked anything, and no service is started: the tests and the
# demo start their own private servers, and one that sprang up beside them would only hold the port.
apt_install() {
    if ! have apt-get || ! can_be_root; then
        die "missing: $*. On Debian or Ubuntu run: sudo apt-get install -y --no-install-recommends $*"
    fi
    say "installing: $*"
    local log
    log=$(mktemp)
    if ! (apt_install_quietly "$@") </dev/null >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        rm -f "$log"
        die "apt-get could not install: $*"
    fi
    rm -f "$log"
}

# In a subshell of its own: what it does at its end must happen even when it is interrupted.
apt_install_quietly() {
    local policy=/usr/sbin/policy-rc.d
    # Debian's way to say that services stay down. A machine that has its own policy keeps it.
    if [ ! -e "$policy" ]; then
        trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy"
        as_root chmod 755 "$policy"
    fi
    # A broken source of somebody else's must not keep Debian's packages away.
    as_root apt-get -q update || true
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "$@"
}

# Prints where this machine gets Debian from: the URI on the first line, a Signed-By value (or an
# empty line) on the second. Only a source of Debian itself will do; third parties have suites of
# the same names, so the customary files are looked at first.
debian_mirror() {
    local file found
    for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list \
        /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list; do
        [ -r "$file" ] || continue
        case $file in
        *.sources) found=$(debian_mirror_deb822 "$file") ;;
        *) found=$(debian_mirror_one_line "$file") ;;
        esac
        if [ -n "$found" ]; then
            printf '%s\n' "$found"
            return
        fi
    done
    die "no Debian mirror in /etc/apt: the genuine WordPress and MySQL come from one"
}

# A stanza counts when it gives packages of component main for a suite without a suffix such as
# -security, from a URI that ends in /debian (or, on cloud images, a list of mirrors, debian.list).
debian_mirror_deb822() {
    awk -v RS= -F '\n' '
        {
            types = uris = suites = components = signed = ""; enabled = "yes"
            for (i = 1; i <= NF; i++) {
                if ($i ~ /^[ \t#]/) continue
                name = tolower($i); sub(/:.*/, "", name)
                value = $i; sub(/^[^:]*:[ \t]*/, "", value)
                if (name == "types") types = value
                if (name == "uris") uris = value
                if (name == "suites") suites = value
                if (name == "components") components = value
                if (name == "signed-by") signed = value
                if (name == "enabled") enabled = tolower(value)
            }
            if (enabled == "no" || types !~ /(^| )deb( |$)/ || components !~ /(^| )main( |$)/) next
            split(suites, suite, /[ \t]+/); split(uris, uri, /[ \t]+/)
            if (suite[1] !~ /^[a-z]+$/ || uri[1] !~ /\/debian(\.list)?\/?$/) next
            print uri[1]; print signed; exit
        }' "$1"
}

debian_mirror_one_line() {
    awk '
        $1 == "deb" {
            options = ""
            if ($2 ~ /^\[/) {
                while ($2 != "" && options !~ /\]/) { options = options " " $2; $2 = ""; $0 = $0 }
            }
            if ($2 !~ /\/debian(\.list)?\/?$/ || $3 !~ /^[a-z]+$/ || $0 !~ / main( |$)/) next
            signed = ""
            if (match(options, /signed-by=[^] ]+/)) signed = substr(options, RSTART + 10, RLENGTH - 10)
            print $2; print signed; exit
        }' "$1"
}

# Downloads are made in a folder beside the wanted one, which then takes its name in one step: what
# bears the final name is complete, however the script ended. Sets `partial`, a folder to remove at the end.
partial=''
apt=''

begin_folder() {
    mkdir -p "$(dirname "$1")"
    partial=$(mktemp -d "$(dirname "$1")/.partial.$(basename "$1").XXXXXX")
    chmod 755 "$partial"
}

# A folder for scratch beside the one being made, where the next run finds it if this one is killed.
# Its path goes into the named variable.
scratch_folder() {
    printf -v "$1" %s "$(mktemp -d "$(dirname "$partial")/.partial.$1.XXXXXX")"
}

finish_folder() {
    rm -rf "$1"
    mv -T "$partial" "$1"
    partial=''
}

# Package lists of one Debian suite, apart from the machine's own, for unpacking genuine servers out
# of packages without installing them. Needs no root. Sets `apt`, a folder to remove at the end.
open_suite() {
    local mirror signed
    if ! have apt-get || ! have dpkg-deb; then
        die "this comes as a Debian package and needs apt-get and dpkg-deb"
    fi
    mirror=$(debian_mirror)
    signed=$(sed -n 2p <<<"$mirror")
    scratch_folder apt
    mkdir -p "$apt/sources" "$apt/lists/partial" "$apt/cache/archives/partial"
    # Empty: what is installed on this machine must neither look newer than the suite's packages nor
    # count as a library that is already there.
    : >"$apt/status"
    {
        printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\n' "$(sed -n 1p <<<"$mirror")" "$1"
        [ -z "$signed" ] || printf 'Signed-By: %s\n' "$signed"
    } >"$apt/sources/suite.sources"
    suite_apt update
}

suite_apt() {
    DEBIAN_FRONTEND=noninteractive apt-get -q -y \
        -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$apt/sources" \
        -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
        -o Dir::State::lists="$apt/lists" -o Dir::State::status="$apt/status" \
        -o Dir::State::extended_states="$apt/extended_states" -o Dir::Cache="$apt/cache" \
        -o Dir::Log="$apt" -o Debug::NoLocking=true -o APT::Sandbox::User=root \
        -o APT::Keep-Downloaded-Packages=true -o Acquire::Languages=none -o Acquire::Retries=3 \
        "$@" </dev/null >>"$apt/log" 2>&1 || {
        tail -n 20 "$apt/log" >&2
        die "apt-get $1 failed"
    }
}

# A Python environment of its own with the packages that a file names: fetch_python FOLDER REQUIREMENTS
# The file is left beside them and tells the next run what is here.
fetch_python() {
    local folder
    folder=$(realpath -m "$1")
    begin_folder "$folder"
    python3 -m venv "$partial" || die "python3 -m venv failed: install python3-venv"
    "$partial/bin/python" -m pip install --quiet --no-deps --requirement "$2" </dev/null ||
        die "pip could not install $2"
    cp "$2" "$partial/requirements.txt"
    finish_folder "$folder"
}

# shellcheck shell=bash disable=SC2016,SC2143
# Runs as root on a machine that is thrown away; /shared has the package and a site.
set -euxo pipefail
config=/etc/wp-sidecar/wp-sidecar.toml
address=ADDRESS
of() { systemctl show --property "$1" --value wp-sidecar; }
get() { curl --silent --show-error --fail-with-body --max-time 30 "http://$address$1" "${@:2}"; }
# `!` alone would not end this program.
not() { if "$@"; then false; fi; }
journal() { journalctl --unit wp-sidecar --output cat; }
# Waits for what systemd does by itself.
until_so() { timeout 60 bash -c "until $1; do sleep 0.1; done"; }

cp -r /shared/site /srv/site
chown -R root:www-data /srv/site
touch /tmp/before

# Installed, and neither enabled nor started.
dpkg --install /shared/wp-sidecar.deb
not systemctl is-enabled --quiet wp-sidecar
[ "$(of ActiveState)" = inactive ]
[ "$(stat -c '%a %U:%G' $config)" = '640 root:wp-sidecar' ]
[ "$(getent passwd wp-sidecar | cut -d: -f6,7)" = /nonexistent:/usr/sbin/nologin ]

# Without a site it says so, and is tried again only so often.
not systemctl start wp-sidecar
journal | grep -F 'wp-sidecar: '
systemctl stop wp-sidecar

# The shells and man find what belongs to them.
bash -c 'source /usr/share/bash-completion/bash_completion; _completion_loader wp-sidecar; complete -p wp-sidecar'
zsh -f -c 'autoload -Uz compinit; compinit -u -D; [ "$_comps[wp-sidecar]" = _wp-sidecar ]'
fish --private -c 'complete -C "wp-sidecar che"' | grep -P '^check\t'
[ "$(man -w wp-sidecar-sessions-end)" = /usr/share/man/man1/wp-sidecar-sessions-end.1.gz ]

# Configured and looked at, as the user that the service runs as.
sed -i 's|^path = .*|path = "/srv/site"|; s|^listen = .*|listen = "'$address'"|; s|^smtp_url = .*|smtp_url = "MAIL"|' $config
runuser -u wp-sidecar -g wp-sidecar -G www-data -- wp-sidecar check --config $config
not runuser -u wp-sidecar -- wp-sidecar check --config $config >/tmp/refused
grep -F "Permission denied (os error 13) -> let the user that runs the service read it" /tmp/refused

# Started: it answers from the moment that systemctl returns.
systemctl enable --now wp-sidecar
[ "$(get /health/ready)" = ready ]
of StatusText | grep -E "^Serving http://.* \(WordPress 6.8\) on $address\$"
get '/api/user/generate_auth_cookie/?insecure=cool' -d username=oldphpass -d password=phpass-Pass-4 | grep -F '"status":"ok"'
# Names are looked up and mails leave under the unit's restrictions; the test waits for this one.
get '/api/user/retrieve_password/?insecure=cool' -d user_login=oldphpass | grep -F '"status":"ok"'
# What it may do, as the kernel sees it.
main=$(of MainPID)
[ "$(stat -c %U "/proc/$main")" = wp-sidecar ]
grep -E '^NoNewPrivs:.1$' "/proc/$main/status"
grep -E '^Seccomp:.2$' "/proc/$main/status"
grep -E '^Cap(Prm|Eff|Bnd):.0+$' "/proc/$main/status"
grep -E '^Max open files +3024 ' "/proc/$main/limits"
# The priority of the hashing threads is still its own to set.
[ "$(ps -L -o nice=,comm= -p "$main" | awk '$2 ~ /^hashing/ { print $1; exit }')" -gt 0 ]
# Read-only even for root, in what the service sees.
for file in /srv/site/new /etc/wp-sidecar/new /usr/new /var/lib/new; do
    not nsenter --target "$main" --mount touch "$file"
done
[ -z "$(journal | grep -E ' (WARN|ERROR) ')" ]

# There is nothing to reload.
not systemctl reload wp-sidecar

# A service that was killed comes again.
kill -KILL "$main"
until_so '[ "$(systemctl show -P NRestarts wp-sidecar)" = 1 ] && systemctl is-active --quiet wp-sidecar'
[ "$(get /health/ready)" = ready ]

# Installed again over a changed file of settings: it stays, and the service runs anew.
main=$(of MainPID)
dpkg --install /shared/wp-sidecar.deb
[ "$(of MainPID)" != "$main" ]
[ "$(get /health/ready)" = ready ]
grep -F 'path = "/srv/site"' $config
[ "$(stat -c '%a %U:%G' $config)" = '640 root:wp-sidecar' ]

# The other place for the settings: a file that root alone may read.
mkdir -p /etc/systemd/system/wp-sidecar.service.d
cat >/etc/systemd/system/wp-sidecar.service.d/credential.conf <<'UNIT'
[Service]
LoadCredential=wp-sidecar.toml:/etc/wp-sidecar/wp-sidecar.toml
ExecStart=
ExecStart=/usr/bin/wp-sidecar serve --config %d/wp-sidecar.toml
UNIT
chown root:root $config
chmod 600 $config
systemctl daemon-reload
systemctl restart wp-sidecar
[ "$(get /health/ready)" = ready ]
rm -r /etc/systemd/system/wp-sidecar.service.d
chown root:wp-sidecar $config
chmod 640 $config
systemctl daemon-reload
systemctl restart wp-sidecar
[ "$(get /health/ready)" = ready ]

# systemd waits for as long as the service asks, whatever the unit says: here for a request whose body never comes.
mkdir -p /run/systemd/system/wp-sidecar.service.d
printf '[Service]\nTimeoutStopSec=1s\nEnvironment=WP_SIDECAR__SERVER__STOP_SECONDS=4\n' >/run/systemd/system/wp-sidecar.service.d/short.conf
systemctl daemon-reload
systemctl reset-failed wp-sidecar
systemctl restart wp-sidecar
exec 5<>"/dev/tcp/${address/://}"
printf 'POST /api/user/info/ HTTP/1.1\r\nHost: site\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n' >&5
read -r -t 30 begun <&5
[[ $begun = *' 100 '* ]]
systemctl stop wp-sidecar
exec 5>&-
[ "$(of Result)" = success ]
journal | grep -F 'some requests did not end in time'
rm -r /run/systemd/system/wp-sidecar.service.d
systemctl daemon-reload
systemctl start wp-sidecar

# Stopped, well.
systemctl stop wp-sidecar
[ "$(of Result)" = success ]
journal | grep -F 'stopping; a second signal ends at once'

# What is stopped stays stopped when the package is installed again, and enabled what is enabled.
dpkg --install /shared/wp-sidecar.deb
[ "$(of ActiveState)" = inactive ]
systemctl is-enabled wp-sidecar

# Removed, it leaves its settings; purged, nothing.
systemctl start wp-sidecar
dpkg --remove wp-sidecar
not systemctl is-active --quiet wp-sidecar
[ -e $config ]
[ ! -e /usr/bin/wp-sidecar ]
dpkg --purge wp-sidecar
not getent passwd wp-sidecar
not getent group wp-sidecar
[ -z "$(find /etc /usr /var /opt /srv -xdev -newer /tmp/before -iname '*wp-sidecar*')" ]
echo 'all is well'

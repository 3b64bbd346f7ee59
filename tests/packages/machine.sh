#!/usr/bin/env bash
# Boots a systemd of its own, on a throwaway copy of this machine's file system, and lets it run a program as root:
#   unshare --mount --propagation private machine.sh FOLDER [SOCKET]
# FOLDER is /shared inside and has the program, `program`; what it prints goes to `output`, its exit code to `code`.
# `booted` is there as soon as the machine has come up.
# SOCKET, a database's, is /run/mysqld/mysqld.sock inside. The network is this machine's. Needs root.
set -euo pipefail

shared=$1
socket=${2:-}

# A control group of its own: two machines at once would share one.
name=wp-sidecar-test-$$
groups=()
for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
    [ -e "$hierarchy/cgroup.procs" ] || continue
    mkdir "$hierarchy/$name"
    groups+=("$hierarchy")
    echo $$ >"$hierarchy/$name/cgroup.procs"
done
leave() {
    for hierarchy in "${groups[@]}"; do
        echo $$ >"$hierarchy/cgroup.procs"
        find "$hierarchy/$name" -depth -type d -exec rmdir {} +
    done
}
trap leave EXIT

# All of it goes with this mount namespace.
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
mkdir -p /run/systemd
mount -t tmpfs tmpfs /run/systemd
root=/mnt/root
mkdir "$root/shared"
systemd-id128 new >"$root/etc/machine-id"
# Nothing that is installed on this machine starts in that one.
rm -rf "$root"/etc/systemd/system/*.wants "$root/usr/sbin/policy-rc.d"
cat >"$root/etc/systemd/system/program.service" <<'UNIT'
[Service]
Type=oneshot
ExecStartPre=/bin/touch /shared/booted
ExecStart=/bin/bash -c '/bin/bash /shared/program >/shared/output 2>&1; echo $? >/shared/code'
ExecStopPost=/bin/systemctl --no-block poweroff
UNIT
cat >"$root/etc/systemd/system/program.target" <<'UNIT'
[Unit]
Requires=basic.target
Wants=program.service
AllowIsolate=yes
UNIT
timeout --kill-after=10 240 systemd-nspawn --quiet --register=no --keep-unit --link-journal=no --console=pipe \
    --directory="$root" --bind="$shared:/shared" ${socket:+--bind="$socket:/run/mysqld/mysqld.sock"} \
    --boot systemd.unit=program.target systemd.log_target=console </dev/null >"$shared/console" 2>&1

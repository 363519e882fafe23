#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The agent under systemd/runnel.service, as `make install` puts it: in a guest that systemd has started, in the sandbox of the unit, as the
# user of sysusers.d, on a simulated chip on a simulated bus and a simulated line, with a password out of LoadCredential= at a broker, the
# word of runnel-clock.service for the clock, and a watchdog that bites. systemd is this machine's own; there is no udev, so tmpfiles.d
# gives the devices to their groups, as it does when the package is installed.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/hil/guest.sh
. tests/hil/guest.sh
PATH=$PATH:/usr/sbin
need qemu-system-x86_64 jq cpio systemd-sysusers mosquitto mosquitto_passwd
[[ -x /lib/systemd/systemd ]] || { echo 'skipped: no systemd here' && exit 77; }
tests/hil/kit.sh "$kit"
guest_make tests/hil/guest_unit.sh
guest=$work/guest
env -u MAKEFLAGS -u MAKELEVEL -u SAN -u WERROR "${MAKE:-make}" DEPS=0 BUILD="$build" -o all -o "$build/runnel" -o "$build/runnel-collector" \
	install DESTDIR="$guest" PREFIX=/usr >"$work/make.log" 2>&1 || { cat "$work/make.log" && exit 1; }
rm "$guest/bin/runnel"
guest_chips
for program in /lib/systemd/systemd /bin/systemctl /bin/systemd-sysusers /bin/systemd-tmpfiles /usr/sbin/mosquitto "$build/tests/hil/clock_status"; do
	at=$guest/bin/${program##*/}
	[[ $program != /lib/systemd/systemd ]] || at=$guest$program
	install -D -m 755 "$program" "$at"
	guest_libraries "$program"
done
guest_libraries "$runnel"

# --- what systemd wants: targets, users, a place for words ---
mkdir -p "$guest"/{etc/systemd/system,etc/credstore,lib/systemd/system,var,run,root,new}
for unit in basic sysinit sockets timers paths slices local-fs shutdown umount final time-set multi-user network; do
	cp "/lib/systemd/system/$unit.target" "$guest/lib/systemd/system/"
done
ln -s /lib/systemd/system/multi-user.target "$guest/etc/systemd/system/default.target"
cat >"$guest/etc/systemd/system.conf" <<'EOC'
[Manager]
DefaultStandardOutput=kmsg
DefaultStandardError=kmsg
LogTarget=kmsg
ShowStatus=no
EOC
cat >"$guest/etc/systemd/system/hil.service" <<'EOC'
[Unit]
DefaultDependencies=no
After=basic.target
[Service]
Type=oneshot
ExecStart=/bin/sh /test.sh
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS0
TimeoutStartSec=infinity
EOC
mkdir -p "$guest/etc/systemd/system/multi-user.target.wants"
ln -s ../hil.service "$guest/etc/systemd/system/multi-user.target.wants/"
echo 'root:x:0:0:root:/root:/bin/sh' >"$guest/etc/passwd"
printf 'root:x:0:\ntty:x:5:\n' >"$guest/etc/group"
printf 'passwd: files\ngroup: files\nshadow: files\nhosts: files\n' >"$guest/etc/nsswitch.conf"
printf '127.0.0.1 localhost\n' >"$guest/etc/hosts"
: >"$guest/etc/machine-id"
printf 'ID=debian\n' >"$guest/etc/os-release"

# --- the broker, its password, the config ---
printf 'listener 1883 127.0.0.1\nuser root\npassword_file /etc/mosquitto.passwords\n' >"$guest/etc/mosquitto.conf"
mosquitto_passwd -b -c "$guest/etc/mosquitto.passwords" guest 'a secret' >/dev/null 2>&1
printf 'a secret\n' >"$guest/etc/credstore/runnel.password"
chmod 600 "$guest/etc/credstore/runnel.password"
cat >"$guest/etc/runnel/runnel.yaml" <<'EOC'
device: guest
window: 1s
mqtt: {broker: "mqtt://localhost:1883", username: guest, password_file: /run/credentials/runnel.service/runnel.password}
spool: {path: /var/lib/runnel/spool.db}
clock: {trust: kernel, wait: 1h}
sensors:
  warm: {driver: lm75, bus: i2c-sim, address: 0x48, every: 200ms}
  air: {driver: bme280, bus: i2c-sim, address: 0x76, every: 500ms}
  door: {driver: gpio-input, chip: runnel-sim, line: DOOR, every: 200ms}
  flow: {driver: gpio-counter, chip: gpiochip0, line: 1, every: 200ms}
  box: {driver: host, every: 1s}
streams:
  warm: {from: warm.temperature}
  open: {from: door.state}
  water: {from: flow.count}
  memory: {from: box.memory_used}
EOC
"$runnel" check "$guest/etc/runnel/runnel.yaml" || fail 'the config of the guest'

# The first process makes a root that can be mounted anew, as services want it, and becomes systemd.
cat >"$guest/init" <<'EOC'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t tmpfs -o mode=0755 none /new
for part in bin sbin lib lib64 usr etc var root chips bus.sh test.sh; do
	[ ! -e "/$part" ] || cp -a "/$part" /new/
done
mkdir -p /new/proc /new/sys /new/dev /new/run /new/tmp
mount -t proc none /new/proc
mount -t sysfs none /new/sys
mount -t devtmpfs none /new/dev
ln -sf /bin/busybox /new/sbin/modprobe
exec switch_root /new /lib/systemd/systemd
EOC
chmod 755 "$guest/init"
guest_pack
guest_run_pc -no-user-config

# --- what it should have been ---
expect_said 'it starts' '^HIL start 0'
expect_said 'devices and config' '^HIL modes 660 gpio 660 i2c 640 root:runnel'
expect_said 'the broker took the password' '^HIL status broker .*connected since'
for sensor in warm air door flow box; do
	expect_said "sensor $sensor in the sandbox" "^HIL status $sensor +[a-z0-9-]+ +ok "
done
expect_said 'a line that went up' '^HIL status open +1 '
expect_said 'it waits for the clock' '^HIL status clock +waiting'
expect_said 'no capability can be had' '^HIL CapBnd: 0000000000000000'
expect_said 'no new privileges' '^HIL NoNewPrivs: 1'
expect_said 'a filter of system calls' '^HIL Seccomp: 2'
expect_said 'its own user, and the clock beside it' '^HIL user runnel active active'
expect_said 'the secret' '^HIL secret [0-9]*0 runnel.password$'
expect_said 'the clock is right' '^HIL clock clock +synchronised'
expect_said 'a watchdog that is fed' '^HIL fed'
expect_said 'a watchdog that bites' '^HIL restarts [1-9]'
expect_said 'the end' '^HIL stop success 750 runnel inactive'
conclude 'the agent under its unit, with systemd: all as expected'

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `runnel scan`: what it says about this machine and about one made of files; its YAML passes `runnel check` and is read; no file of
# anybody's is overwritten; a bus that cannot be opened is told with what to do.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
command -v jq >/dev/null || skip 'jq is not installed'

# expect WHAT WANTED GOT
expect() { [[ $2 == "$3" ]] || fail "$1: expected '$2', got '$3'"; }
# put FILE TEXT: a file of the machine
put() {
	mkdir -p "$(dirname "$work/machine$1")"
	printf '%b' "$2" >"$work/machine$1"
}
# device LINK TARGET
device() {
	mkdir -p "$(dirname "$work/machine$1")"
	ln -s "$2" "$work/machine$1"
}

# --- this machine, whatever it has ---
status_of "$runnel" scan >"$work/here.yaml" 2>"$work/here.err"
[[ $status == 0 || $status == 69 ]] || fail "this machine: status $status"
expect 'messages' '' "$(cat "$work/here.err")"
"$runnel" check "$work/here.yaml" >"$work/checked" || fail "its config: $(cat "$work/checked")"
status_of "$runnel" read -c "$work/here.yaml" box --json >"$work/box"
expect_status 0 'reading this machine'
jq -es 'map(select(.channel == "uptime" and .state == "ok")) | length == 1' "$work/box" >"$work/same" || fail 'no uptime'
status_of timeout 30 "$runnel" run -c "$work/here.yaml" --print --seconds 2 >"$work/run" 2>"$work/run.err"
expect_status 0 'running it'
has "$work/run" '"name":"box_memory_used@1"' || fail "no memory: $(cat "$work/run")"
"$runnel" scan --json >"$work/here.json" || true
jq -e '.i2c and .gpio and .devices and .config' "$work/here.json" >"$work/same" || fail 'no JSON of this machine'

# --- a machine of files: odd names, two chips of a kind, a bus that is none, one of a display ---
put /dev/i2c-1 ''
put /dev/i2c-20 ''
put /sys/class/i2c-dev/i2c-1/name 'bcm2835 (i2c@7e804000)\n'
put /sys/class/i2c-dev/i2c-20/name 'fef04500.i2c\n'
put /sys/devices/soc/i2c-20/name ''
device /sys/bus/i2c/devices/i2c-20 ../../../devices/soc/i2c-20
device /sys/class/drm/card0-HDMI-A-1/ddc ../../../devices/soc/i2c-20
device /sys/bus/i2c/devices/1-0048/driver ../../../../bus/i2c/drivers/lm75
put /sys/devices/soc/i2c-1/1-0048/hwmon/hwmon2/name 'lm75\n'
put /sys/devices/soc/i2c-1/1-0048/hwmon/hwmon2/temp1_input '23500\n'
put /sys/devices/soc/i2c-1/1-0049/hwmon/hwmon3/name 'lm75\n'
put /sys/devices/soc/i2c-1/1-0049/hwmon/hwmon3/temp1_input '24500\n'
put /sys/devices/virtual/hwmon/hwmon9/name '"\x01: {\xff #\n'
put /sys/devices/virtual/hwmon/hwmon9/in0_input '1\n'
put /sys/devices/soc/i2c-1/1-0076/iio:device0/name 'bme280\n'
put /sys/devices/soc/i2c-1/1-0076/iio:device0/in_temp_input '21460\n'
put /sys/devices/soc/i2c-1/1-0076/iio:device0/in_voltage0_raw '1\n'
device /sys/class/hwmon/hwmon2 ../../devices/soc/i2c-1/1-0048/hwmon/hwmon2
device /sys/class/hwmon/hwmon3 ../../devices/soc/i2c-1/1-0049/hwmon/hwmon3
device /sys/class/hwmon/hwmon9 ../../devices/virtual/hwmon/hwmon9
device /sys/bus/iio/devices/iio:device0 ../../../devices/soc/i2c-1/1-0076/iio:device0
put /sys/bus/w1/devices/28-000005e2fdc3/w1_slave 'x\n'
put /sys/bus/w1/devices/01-00001234abcd/id 'x\n'
mkdir "$work/machine/sys/bus/w1/devices/w1_bus_master1"

status_of "$runnel" scan --root "$work/machine" --write "$work/my.yaml" >"$work/report" 2>"$work/err"
expect_status 69 'a bus that is none'
expect 'messages' '' "$(cat "$work/err")"
for words in 'i2c-1  bcm2835 (i2c@7e804000)' '0x48  the kernel.s driver lm75' 'i2c-20 .*' 'not scanned: it belongs to a display' \
	'1-0048  lm75' '28-000005e2fdc3  ds18b20' 'no thermometer' 'Wrote .*my.yaml'; do
	has "$work/report" "$words" || fail "the report lacks '$words': $(cat "$work/report")"
done
! LC_ALL=C grep -q '[^ -~]' "$work/report" || fail 'odd bytes in the report'
"$runnel" check "$work/my.yaml" >"$work/checked" || fail "the config of the files: $(cat "$work/checked" "$work/my.yaml")"
for line in 'lm75_1_0048: {driver: hwmon, device: "1-0048", channels: \[temp1\]' 'lm75_1_0049: {driver: hwmon' \
	'hwmon, device: "hwmon9", channels: \[in0\]' 'bme280: {driver: iio, device: "1-0076", channels: \[temp\]' \
	'ds18b20: {driver: w1, device: "28-000005e2fdc3", every: 10s}' 'bme280_temp: {from: bme280.temp}'; do
	has "$work/my.yaml" "^  *$line\|{driver: $line" || fail "the config lacks '$line': $(cat "$work/my.yaml")"
done
status_of "$runnel" read -c "$work/my.yaml" box bme280 --json >"$work/read"
expect_status 69 'reading what is not on this machine'
expect 'state of the chip' '"fault"' "$(jq -c 'select(.sensor == "bme280").state' "$work/read")"
expect 'state of the machine' '"ok"' "$(jq -c 'select(.channel == "uptime").state' "$work/read")"

# --- standard output is one YAML text ---
"$runnel" scan --root "$work/machine" >"$work/out.yaml" || true
"$runnel" check "$work/out.yaml" >"$work/checked" || fail 'standard output is no config'
diff <(grep -v '^#' "$work/my.yaml") <(grep -v '^#' "$work/out.yaml") >"$work/same" || fail 'both configs differ'
"$runnel" scan --root "$work/machine" --json >"$work/machine.json" || true
expect 'kinds of buses' 'plain display' "$(jq -r '.i2c[].kind' "$work/machine.json" | paste -sd ' ')"
expect 'the chip of the kernel' 'kernel lm75' "$(jq -r '.i2c[0].chips[0] | .state + " " + .owner' "$work/machine.json")"

# --- files ---
echo mine >"$work/mine.yaml"
status_of "$runnel" scan --write "$work/mine.yaml" >"$work/out" 2>"$work/err"
expect_status 74 'a file that exists'
has "$work/err" 'is there already; --force' || fail "what was said: $(cat "$work/err")"
expect 'the file' mine "$(cat "$work/mine.yaml")"
status_of "$runnel" scan --root "$work/machine" --write "$work/mine.yaml" --force >"$work/out" 2>&1
expect_status 69 '--force'
"$runnel" check "$work/mine.yaml" >"$work/checked" || fail 'the replaced file is no config'
[[ ! -e $work/mine.yaml.new ]] || fail 'something was left behind'
ln -s nowhere "$work/link.yaml"
status_of "$runnel" scan --write "$work/link.yaml" >"$work/out" 2>&1
expect_status 74 'a link that leads nowhere'
[[ ! -e $work/nowhere ]] || fail 'a file was made behind a link'
status_of "$runnel" scan --write "$work/none/my.yaml" >"$work/out" 2>&1
expect_status 74 'a directory that is not there'
status_of "$runnel" scan --write /dev/full --force >"$work/out" 2>&1
expect_status 74 'a full disk'
status_of "$runnel" scan >/dev/full 2>"$work/err"
expect_status 74 'a full disk as output'

# --- no bus, no permission, no such bus ---
mkdir -p "$work/empty"
"$runnel" scan --root "$work/empty" >"$work/empty.yaml" || fail "an empty machine: status $?"
has "$work/empty.yaml" 'dtparam=i2c_arm=on' || fail 'no word of how to switch the bus on'
mkdir -p "$work/empty/sys/bus/i2c/devices/i2c-0"
"$runnel" scan --root "$work/empty" >"$work/empty.yaml" || fail "a machine without nodes: status $?"
has "$work/empty.yaml" 'modprobe i2c-dev' || fail 'no word of the module'
if [[ $EUID == 0 ]] && command -v setpriv >/dev/null; then
	chmod 755 "$work"
	chmod 600 "$work/machine/dev/i2c-1"
	cp "$runnel" "$work/runnel"
	status_of setpriv --reuid 65534 --regid 65534 --clear-groups "$work/runnel" scan --root "$work/machine" >"$work/denied"
	expect_status 69 'no permission'
	has "$work/denied" 'udev rule is missing, SUBSYSTEM=="i2c-dev", GROUP="i2c", MODE="0660"' || fail "of root's: $(cat "$work/denied")"
	chgrp 9 "$work/machine/dev/i2c-1"
	chmod 660 "$work/machine/dev/i2c-1"
	setpriv --reuid 65534 --regid 65534 --clear-groups "$work/runnel" scan --root "$work/machine" >"$work/denied" || true
	has "$work/denied" "must be in its group $(getent group 9 | cut -d: -f1)" || fail "of a group: $(cat "$work/denied")"
fi
status_of "$runnel" scan --root "$work/machine" --bus i2c-7 >"$work/out" 2>&1
expect_status 69 'a bus that is not there'
has "$work/out" "no I2C bus 'i2c-7'; there are: i2c-1" || fail "what was said: $(cat "$work/out")"

# --- usage ---
"$runnel" scan --help >"$work/out" || fail "--help: status $?"
has "$work/out" '^Usage: runnel scan' || fail 'no usage'
for arguments in '--nonsense' 'extra' '--force' '--write'; do
	status_of "$runnel" scan $arguments >"$work/out" 2>&1
	expect_status 64 "$arguments"
done

# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash disable=SC1090,SC1091,SC2034,SC2154 # what a chip is and where: variables of sourced files
# What happens to chips on a bus; tests/hil/i2c.sh expects it. `calm` is touched by nothing.
cat >/tmp/i2c.yaml <<'CONFIG'
window: 1s
sensors:
  warm: {driver: lm75, bus: i2c-sim, address: 0x48, every: 200ms}
  calm: {driver: lm75, bus: i2c-sim, address: 0x4c, every: 200ms}
  quiet: {driver: mcp9808, bus: i2c-sim, address: 0x18, every: 500ms}
  air: {driver: bme280, bus: i2c-sim, address: 0x76, every: 200ms}
  damp: {driver: sht3x, bus: i2c-sim, address: 0x44, every: 200ms}
  slow: {driver: lm75, bus: i2c-sim, address: 0x49, every: 200ms}
  shake: {driver: lis3dh, bus: i2c-sim, address: 0x19, every: 200ms}
streams:
  warm: {from: warm.temperature}
  calm: {from: calm.temperature}
  quiet: {from: quiet.temperature}
  pressure: {from: air.pressure}
  damp: {from: damp.humidity}
  slow: {from: slow.temperature}
  shake: {from: shake.x}
CONFIG
chips_make() {
	sim_make 0x48,0x49,0x18,0x19,0x76,0x44,0x4a,0x4c
	sim_put lm75 48
	sim_put lm75 49
	sim_put lm75 4a
	sim_put lm75 4c
	sim_put mcp9808
	sim_put lis3dh 19
	sim_put bme280
	sim_put sht3x
}


# reads NAME SENSOR: with an agent besides
reads() {
	/bin/runnel read ${2:+"$2"} -c "${3:-/tmp/i2c.yaml}" >/tmp/out 2>&1
	echo "HIL $1 $? $(tr '\n' ' ' </tmp/out)"
}

chips_make
beats &
# what scan finds is a config that reads it, as a chip that is known or as one of a few that it may be
/bin/runnel scan --bus "i2c-$sim" --write /tmp/scan.yaml >/tmp/scan 2>&1
echo "HIL scan $?"
sed 's/^/HIL scanned /' /tmp/scan
grep -v '^ *#' /tmp/scan.yaml | sed 's/^/HIL config /'
/bin/runnel check /tmp/scan.yaml >/tmp/out 2>&1
echo "HIL check $? $(tail -n 1 /tmp/out)"
reads scan-read '' /tmp/scan.yaml

agent /tmp/i2c.yaml
sleep 2
reads read-beside warm

# the world changes
sim_reg 48 0 '\x1e\x00'
sleep 2
echo "HIL changed"

# each way in which a bus says no: what is failing fails, and works again
for errno in 6 121 110 11; do
	sim_set 48 fault "$errno 1000000"
	turns warm 'ok -> fault'
	sim_set 48 fault "0 0"
	turns warm 'fault -> ok'
	echo "HIL errno $errno"
done

# unplugged, and back; and with the power gone the settings are, too
sim_set 48 present 0
turns warm 'ok -> fault'
reads read-absent warm
sim_set 48 present 1
turns warm 'fault -> ok'
sim_set 19 power 1
turns shake 'ok -> fault'
turns shake 'fault -> ok'
date '+HIL at %T'
echo 'HIL power lost'

# bits turn over on the wire
sim_set 44 corrupt 5
turns damp 'ok -> fault'
turns damp 'fault -> ok'
echo "HIL corrupt $(cat /sys/kernel/debug/i2c-sim/44/corrupt) left"

# a chip holds the clock, first bearably, then for ever
sim_set 49 delay_ms 20
sleep 2
echo "HIL $(grep -c 'sensor slow' /tmp/log) faults of a chip that holds the clock for 20 ms"
sim_set 49 delay_ms 10000
turns slow 'ok -> fault'
before=$(cat /sys/kernel/debug/i2c-sim/49/transfers)
sleep 5
echo "HIL hung for $(($(cat /sys/kernel/debug/i2c-sim/49/transfers) - before)) more transfers"
sim_set 49 delay_ms 0
turns slow 'fault -> ok'
date '+HIL at %T'
echo 'HIL calm until here'
sleep 2

# the kernel takes a chip for itself
modprobe lm75
bind "$sim" lm75b 4a
cat >/tmp/taken.yaml <<'CONFIG'
sensors:
  taken: {driver: lm75, bus: i2c-sim, address: 0x4a}
  none: {driver: lm75, bus: i2c-sim, address: 0x4b}
CONFIG
reads read-taken taken /tmp/taken.yaml
unbind "$sim" 4a lm75
reads read-given taken /tmp/taken.yaml
reads read-none none /tmp/taken.yaml

# the adapter goes, and comes back with another number; an agent begins anew, whose pauses between attempts are short yet
kill -TERM "$agent"
wait "$agent"
echo "HIL first agent status $?"
sed 's/^/HIL log /' /tmp/log
unset turns_warm turns_calm turns_quiet turns_air turns_damp turns_slow turns_shake
agent /tmp/i2c.yaml
modprobe i2c-stub chip_addr=0x50
for address in 48 49 4c 18 19 76 44; do
	sim_set $address present 0
done
for sensor in warm calm quiet air damp slow shake; do
	turns $sensor 'ok -> fault'
done
was=$sim
tries=0
until rmmod i2c-sim 2>/dev/null || [ $tries = 20 ]; do # not as long as anybody has it open
	tries=$((tries + 1))
	sleep 1
done
[ $tries -lt 20 ] || echo 'HIL adapter is held'
rmmod i2c-stub
modprobe i2c-stub chip_addr=0x50
chips_make
for sensor in warm calm quiet air damp slow shake; do
	turns $sensor 'fault -> ok'
done
[ "$was" = "$sim" ] || echo 'HIL adapter is back under another number'

# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash disable=SC1090,SC1091,SC2034,SC2154 # what a chip is and where: variables of sourced files
# A line that follows a temperature; tests/hil/output.sh says what must come.
gpio_make
sim_make 0x48
sim_put lm75
cat >/tmp/output.yaml <<'CONFIG'
window: 1s
sensors:
  air: {driver: lm75, bus: i2c-sim, address: 0x48, every: 200ms}
streams:
  hot: {from: air.temperature, through: [threshold: {above: 30, clear: 28}]}
actions:
  alarm: {when: hot, driver: gpio-output, chip: runnel-sim, line: 3, missing_after: 10s}
  fan: {when: hot, driver: gpio-output, chip: runnel-sim, line: 2, active: low, safe: on, missing_after: 10s}
CONFIG

# outputs WHEN ALARM FAN: waits for these levels of the lines, and says what they are: "HIL WHEN ALARM FAN"
outputs() {
	until_true 60 are "$2" "$3"
	echo "HIL $1 $(levels)"
}

levels() {
	echo "$(cat "$lines/sim_gpio3/value") $(cat "$lines/sim_gpio2/value")"
}

are() {
	[ "$(levels)" = "$1 $2" ]
}

agent /tmp/output.yaml
outputs cool 0 1
sim_reg 48 0 '\x28\x00'
outputs hot 1 0
/bin/runnel run --print --seconds 3 -c /tmp/output.yaml >/dev/null 2>/tmp/second
echo "HIL second $? $(grep -i 'alarm' /tmp/second | tail -n 1)"
echo "HIL still $(levels)"
sim_reg 48 0 '\x14\x00'
outputs cooled 0 1
sim_reg 48 0 '\x28\x00'
outputs hot-again 1 0
sim_set 48 present 0
outputs missing 0 0
sim_set 48 present 1
outputs found 1 0
kill -TERM "$agent"
wait "$agent"
echo "HIL ended $(levels)"
agent /tmp/output.yaml
outputs again 1 0
kill -KILL "$agent"
wait "$agent"
agent /tmp/output.yaml
outputs after 1 0

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
  alarm: {when: hot, driver: gpio-output, chip: runnel-sim, line: 3, missing_after: 2s}
  fan: {when: hot, driver: gpio-output, chip: runnel-sim, line: 2, active: low, safe: on, missing_after: 2s}
CONFIG

# outputs WHEN: "HIL WHEN ALARM FAN", as the levels of the lines
outputs() {
	echo "HIL $1 $(cat "$lines/sim_gpio3/value") $(cat "$lines/sim_gpio2/value")"
}

agent /tmp/output.yaml
outputs cool
sim_reg 48 0 '\x28\x00'
sleep 3
outputs hot
/bin/runnel run --print --seconds 3 -c /tmp/output.yaml >/dev/null 2>/tmp/second
echo "HIL second $? $(grep -i 'alarm' /tmp/second | tail -n 1)"
outputs still
sim_reg 48 0 '\x14\x00'
sleep 3
outputs cooled
sim_reg 48 0 '\x28\x00'
sleep 3
sim_set 48 present 0
sleep 6
outputs missing
sim_set 48 present 1
sleep 6
outputs found
kill -TERM "$agent"
wait "$agent"
outputs ended
agent /tmp/output.yaml
outputs again
kill -KILL "$agent"
wait "$agent"
outputs killed
agent /tmp/output.yaml
outputs after

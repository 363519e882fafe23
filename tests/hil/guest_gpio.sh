# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash disable=SC1090,SC1091,SC2034,SC2154 # what a chip is and where: variables of sourced files
# What happens at the lines. The numbers are those that gpio.sh expects.
gpio_make
cat >/tmp/gpio.yaml <<'CONFIG'
device: guest
window: 1s
sensors:
  door: {driver: gpio-input, chip: runnel-sim, line: DOOR, every: 200ms}
  bell: {driver: gpio-input, chip: gpiochip0, line: 2, debounce: 2s, active: low, every: 200ms}
  flow: {driver: gpio-counter, chip: /dev/gpiochip0, line: 1, scale: 0.5, unit: L, every: 200ms}
streams:
  open: {from: door.state, event: true}
  ring: {from: bell.state, event: true}
  water: {from: flow.volume}
CONFIG
agent /tmp/gpio.yaml

# 100 pulses, then 5 openings
pulses 1 100
for _ in 1 2 3 4 5; do
	pulses 0 1
done
echo 'HIL counted'

# bell is active low and bounces: the line starts low, so it rings from the start, until it is let go
level 2 1
level 2 0
level 2 1
sleep 4
echo 'HIL bounced'

# 25 edges while nobody reads: the kernel keeps 16 for the first interface, and the line ends high
twelve_and_a_half() {
	pulses 0 12
	level 0 1
}
stopped twelve_and_a_half
echo 'HIL overflowed'
stopped pulses 1 30
echo 'HIL overran'

# the chip is unplugged, comes back with another number, and is found again
chip off
for sensor in door bell flow; do
	turns $sensor 'ok -> fault'
done
chip on
echo "HIL back as $(basename /dev/gpiochip*)"
for sensor in door bell flow; do
	turns $sensor 'fault -> ok'
done
pulses 1 10
sleep 2

# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash disable=SC1090,SC1091,SC2034,SC2154 # what a chip is and where: variables of sourced files
# On the board: its own I2C and GPIO controllers, with sensors and pins that the host changes when it is told to; board.sh.
modprobe -a i2c-aspeed i2c-dev gpio-aspeed
sleep 1
mkdir -p /tmp/out
cat >/tmp/board.yaml <<'CONFIG'
window: 1s
sensors:
  near: {driver: lm75, bus: i2c-0, address: 0x48, every: 200ms}
  far: {driver: lm75, bus: i2c-0, address: 0x4a, every: 200ms}
  door: {driver: gpio-input, chip: 1e780000.gpio, line: 8, every: 200ms}
  flow: {driver: gpio-counter, chip: 1e780000.gpio, line: 9, scale: 0.5, unit: L, every: 200ms}
streams:
  near: {from: near.temperature}
  far: {from: far.temperature}
  open: {from: door.state, event: true}
  flow: {from: flow.volume}
CONFIG
i2cset -y 0 0x70 0x01 # the mux lets `far` onto the bus
json=/tmp/json
agent /tmp/board.yaml
sleep 2
echo 'HIL please warm'
sleep 4
echo 'HIL please open'
sleep 4
i2cset -y 0 0x70 0x00
turns far 'ok -> fault'
i2cset -y 0 0x70 0x01
turns far 'fault -> ok'
sleep 2
kill -TERM "$agent"
wait "$agent"
echo "HIL agent status $?"
agent=
off='reboot -f' # QEMU ends by it; the board cannot switch itself off
i2cset -y 0 0x70 0x00
echo 'sensors: {behind: {driver: lm75, bus: i2c-0/0x70.0, address: 0x4a}}' >/tmp/behind.yaml
echo 'sensors: {none: {driver: lm75, bus: i2c-0, address: 0x4a}}' >/tmp/none.yaml
for sensor in behind none; do
	/bin/runnel read -c /tmp/$sensor.yaml >/tmp/out/$sensor 2>&1
	echo "HIL $sensor $? $(tr '\n' ' ' </tmp/out/$sensor)"
done
sed 's/^/HIL log /' /tmp/log
sed 's/^/HIL json /' /tmp/json

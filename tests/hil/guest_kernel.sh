# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash disable=SC1090,SC1091,SC2034,SC2154 # what a chip is and where: variables of sourced files
# Chips that the kernel drives, under the agent: hwmon, IIO with and without a buffer, 1-wire; unbound and bound again.
sim_make 0x48,0x49,0x76,0x18
sim_put lm75 48
sim_put lm75 49
sim_put bme280
sim_put lis3dh
modprobe -a lm75 bmp280-i2c st_accel_i2c w1_therm w1-sim iio-trig-hrtimer
bind "$sim" lm75b 48
bind "$sim" lm75b 49
bind "$sim" bme280 76
bind "$sim" lis3dh 18
mount -t configfs none /sys/kernel/config
mkdir /sys/kernel/config/iio/triggers/hrtimer/tick
sleep 1
rom=$(basename /sys/bus/w1/devices/28-*)
echo "HIL 1-wire $rom"

beats &
cat >/tmp/kernel.yaml <<CONFIG
window: 1s
sensors:
  hot: {driver: hwmon, device: "$sim-0048", channels: [temp1], every: 200ms}
  air: {driver: iio, device: bme280, channels: [temp, pressure], every: 200ms}
  shake: {driver: iio, device: lis3dh, channels: [accel_x, accel_y, accel_z], buffer: 128, rate: 50, trigger: tick, every: 200ms}
  wire: {driver: w1, device: $rom, every: 2s}
streams:
  hot: {from: hot.temp1}
  air: {from: air.temp}
  x: {from: shake.accel_x}
  y: {from: shake.accel_y}
  wire: {from: wire.temperature}
CONFIG
agent /tmp/kernel.yaml
sleep 7
/bin/runnel read shake -c /tmp/kernel.yaml >/tmp/out 2>&1
echo "HIL read-besides $? $(tr '\n' ' ' </tmp/out)"

# the world changes
sim_reg 48 0 '\x28\x00'
echo 0x1f4 >/sys/module/w1_sim/parameters/raw # 31.25
sim_reg 18 40 '\xd0\x07'
sleep 6

# the kernel's driver goes, and with it the files; back it has another number, because another took the first
here=$(basename /sys/bus/i2c/devices/"$sim"-0048/hwmon/hwmon*)
unbind "$sim" 48 lm75
unbind "$sim" 49 lm75
turns hot 'ok -> fault'
bind "$sim" lm75b 49
bind "$sim" lm75b 48
sim_reg 48 0 '\x32\x00'
turns hot 'fault -> ok'
echo "HIL hwmon was $here, is $(basename /sys/bus/i2c/devices/"$sim"-0048/hwmon/hwmon*)"

# so with a buffer that is being filled
here=$(basename /sys/bus/i2c/devices/"$sim"-0018/iio:device*)
unbind "$sim" 18 st_accel_i2c &
turns shake 'ok -> fault'
wait $!
unbind "$sim" 76 bmp280-i2c
turns air 'ok -> fault'
bind "$sim" lis3dh 18
bind "$sim" bme280 76
turns shake 'fault -> ok'
turns air 'fault -> ok'
echo "HIL iio was $here, is $(basename /sys/bus/i2c/devices/"$sim"-0018/iio:device*)"

# a buffer that overflows while nobody reads: 5 s are 250 rows, 128 are kept
echo 'HIL nothing was lost so far'
stopped sleep 5

# 1-wire: garbled, unplugged, back
echo 1 >/sys/module/w1_sim/parameters/corrupt
turns wire 'ok -> fault'
echo 0 >/sys/module/w1_sim/parameters/corrupt
turns wire 'fault -> ok'
echo 0 >/sys/module/w1_sim/parameters/present
turns wire 'ok -> fault'
echo 1 >/sys/module/w1_sim/parameters/present
turns wire 'fault -> ok'
sleep 3

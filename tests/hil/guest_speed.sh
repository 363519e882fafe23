# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash disable=SC1090,SC1091,SC2034,SC2154 # what a chip is and where: variables of sourced files
# How much the agent takes without loss, and what it costs; tests/hil/speed.sh prints it.

# ticks: processor time of the agent so far, in 1/100 s
ticks() {
	awk '{ print $14 + $15 }' "/proc/$agent/stat"
}

# begin CONFIG: an agent, without a wait for its first window
begin() {
	/bin/runnel run --print -c "$1" >"$json" 2>/tmp/log &
	agent=$!
	sleep 3
}

# run NAME SECONDS: an agent on /tmp/NAME.yaml; prints the processor time that these seconds took
run() {
	json=/tmp/$1.json
	begin "/tmp/$1.yaml"
	sleep 2
	before=$(ticks)
	sleep "$2"
	echo "HIL cpu $1 $(($(ticks) - before)) ticks in $2 s"
}

end() {
	kill -TERM "$agent"
	wait "$agent"
	echo "HIL $1 status $?"
	sed "s/^/HIL json $1 /" "/tmp/$1.json"
	agent=
}

# edges as fast as a shell makes them
gpio_make
cat >/tmp/edges.yaml <<'CONFIG'
window: 5s
sensors: {flow: {driver: gpio-counter, chip: runnel-sim, line: 1, every: 1s}}
streams: {flow: {from: flow.count}}
CONFIG
json=/tmp/edges.json
begin /tmp/edges.yaml
began=$(cut -d' ' -f1 /proc/uptime)
flood 1 20000
echo "HIL edges 20000 from $began to $(cut -d' ' -f1 /proc/uptime)"
sleep 6
end edges
for pause in 1 10; do
	cp /tmp/edges.yaml /tmp/edges-$pause.yaml
	run edges-$pause 1
	began=$(cut -d' ' -f1 /proc/uptime)
	n=0
	while [ $n -lt 1000 ]; do
		flood 1 2
		usleep ${pause}000
		n=$((n + 1))
	done
	echo "HIL pulses-$pause 2000 from $began to $(cut -d' ' -f1 /proc/uptime)"
	sleep 6
	end edges-$pause
done

# sensors on a bus
addresses=''
for i in $(seq 8 39); do
	addresses=$addresses${addresses:+,}$(printf 0x%02x "$i")
done
sim_make "$addresses"
for i in $(seq 8 39); do
	sim_put lm75 "$(printf %02x "$i")"
done
for n in 8 32; do
	for every in 1s 10ms; do
		{
			echo 'window: 1m'
			echo 'sensors:'
			for i in $(seq 8 $((7 + n))); do
				printf '  s%d: {driver: lm75, bus: i2c-sim, address: 0x%02x, every: %s}\n' "$i" "$i" $every
			done
			echo 'streams:'
			for i in $(seq 8 $((7 + n))); do
				echo "  s$i: {from: s$i.temperature}"
			done
		} >/tmp/lm75-$n-$every.yaml
		run lm75-$n-$every 20
		end lm75-$n-$every
	done
done

# an accelerometer by the kernel's buffer
sim_put lm75 08
modprobe -a st_accel_i2c iio-trig-hrtimer
sim_put lis3dh 19
bind "$sim" lis3dh 19
[ -d /sys/kernel/config/iio ] || mount -t configfs none /sys/kernel/config
mkdir /sys/kernel/config/iio/triggers/hrtimer/tick
for rate in 100 400 800; do
	cat >/tmp/iio-$rate.yaml <<CONFIG
window: 1s
sensors: {shake: {driver: iio, device: lis3dh, channels: [accel_x, accel_y, accel_z], buffer: 170, rate: $rate, trigger: tick, every: 50ms}}
streams: {x: {from: shake.accel_x}}
CONFIG
	run iio-$rate 10
	end iio-$rate
done

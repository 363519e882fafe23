#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
# The first process of the guest: a GPIO chip of 4 lines, "runnel-sim", then the test. Words for the host go to the
# console, JSON lines of the agent to the second serial port.
/bin/busybox --install -s /bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
insmod /modules/configfs.ko
insmod /modules/gpio-sim-all.ko
mount -t configfs none /sys/kernel/config
bank=/sys/kernel/config/gpio-sim/sim/bank0
mkdir -p $bank/line0 $bank/line1
echo 4 >$bank/num_lines
echo runnel-sim >$bank/label
echo DOOR >$bank/line0/name
echo FLOW >$bank/line1/name
stty -F /dev/ttyS1 raw

# chip on|off
chip() {
	[ "$1" = off ] && echo 0 >/sys/kernel/config/gpio-sim/sim/live && return
	echo 1 >/sys/kernel/config/gpio-sim/sim/live
	set -- /sys/devices/platform/gpio-sim.0/gpiochip*
	lines=$1
}

# level LINE 0|1: what the outside does to it
level() {
	if [ "$2" = 1 ]; then
		echo pull-up >"$lines/sim_gpio$1/pull"
	else
		echo pull-down >"$lines/sim_gpio$1/pull"
	fi
}

# pulses LINE N
pulses() {
	i=0
	while [ $i -lt "$2" ]; do
		level "$1" 1
		level "$1" 0
		i=$((i + 1))
	done
}

# agent FILE: in the background, until finish
agent() {
	/bin/runnel run --print -c "$1" >/dev/ttyS1 2>/tmp/log &
	agent=$!
	sleep 3
}

# stopped COMMAND...: while the agent does not run
stopped() {
	kill -STOP $agent
	"$@"
	kill -CONT $agent
	sleep 2
}

finish() {
	kill -TERM $agent
	wait $agent
	echo "HIL agent status $?"
	sed 's/^/HIL log /' /tmp/log
	sync
	sleep 1
	echo 'HIL end'
	poweroff -f
}

chip on
# shellcheck source=tests/hil/guest_gpio.sh
. /test.sh
finish

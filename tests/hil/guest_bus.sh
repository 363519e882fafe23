# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash disable=SC1090,SC1091,SC2034,SC2154 # what a chip is and where: variables of sourced files
# Simulated hardware, as functions for the tests in a guest.

# until_true SECONDS COMMAND...: generous, for a guest may be slow
until_true() {
	left=$(($1 * 5))
	shift
	until "$@" >/dev/null 2>&1; do
		left=$((left - 1))
		[ $left -gt 0 ] || { echo "HIL never: $*" && return 1; }
		sleep 0.2
	done
}

# beats: in the background; how long, in 1/100 s, this guest has not run when it should, as a program notices that reads no chips. Less than
# 0.2 s at a time costs nobody a reading.
beats() {
	stood=0
	while :; do
		read -r was _ </proc/uptime
		usleep 100000
		read -r now _ </proc/uptime
		late=$((${now%.*}${now#*.} - ${was%.*}${was#*.} - 10))
		[ $late -lt 20 ] || stood=$((stood + late))
		echo $stood >/tmp/stood
	done
}

# --- GPIO: a chip of 4 lines, "runnel-sim" ---

gpio_make() {
	modprobe gpio-sim-all
	mount -t configfs none /sys/kernel/config
	bank=/sys/kernel/config/gpio-sim/sim/bank0
	mkdir -p $bank/line0 $bank/line1
	echo 4 >$bank/num_lines
	echo runnel-sim >$bank/label
	echo DOOR >$bank/line0/name
	echo FLOW >$bank/line1/name
	chip on
}

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

# flood LINE N: pulses as fast as they come
flood() {
	i=0
	while [ $i -lt "$2" ]; do
		level "$1" 1
		level "$1" 0
		i=$((i + 1))
	done
}

# settled: the agent, if it is not stopped, has nothing left to read: it waits for something. Time alone does not tell, for a machine that
# others keep busy may let it pass without letting the agent run.
settled() {
	waits=0
	usleep 30000
	until [ $waits = 100 ] || grep -Eq 'poll|signal_stop' "/proc/$agent/wchan"; do
		waits=$((waits + 1))
		usleep 30000
	done
}

# pulses LINE N: not so fast that some are lost, for the kernel keeps 16 edges
pulses() {
	many=$2
	while [ "$many" -gt 5 ]; do
		flood "$1" 5
		settled
		many=$((many - 5))
	done
	flood "$1" "$many"
	settled
}

# --- I2C: chips from the images in /chips ---

# bus_number NAME: of the adapter called so
bus_number() {
	grep -l "^$1" /sys/class/i2c-dev/i2c-*/name | sed 's|.*/i2c-\([0-9]*\)/name|\1|'
}

# sim_make ADDRESSES [OPTIONS]: "0x48,0x76"
sim_make() {
	modprobe i2c-dev
	modprobe i2c-sim "chips=$1" ${2:+"$2"}
	sim=$(bus_number i2c-sim)
}

# sim_put CHIP [ADDRESS]: a chip of /chips on the i2c-sim, at its own address or another, 48
sim_put() {
	. "/chips/$1.sh"
	at=/sys/kernel/debug/i2c-sim/${2:-$address}
	echo >"$at/answer"
	echo >"$at/react"
	cat "/chips/$1.regs" >"$at/regs"
	echo "$wide" >"$at/wide"
	echo "$mask" >"$at/mask"
	for answer in $answers; do
		echo "$answer" >"$at/answer"
	done
}

# sim_reg ADDRESS OFFSET BYTES: 48 0 '\x1a\x00'
sim_reg() {
	printf '%b' "$3" | dd of="/sys/kernel/debug/i2c-sim/$1/regs" bs=1 seek="$2" 2>/dev/null
}

# sim_set ADDRESS FILE VALUE: 48 present 0
sim_set() {
	echo "$3" >"/sys/kernel/debug/i2c-sim/$1/$2"
}

# stub_put CHIP: the i2c-stub, with this chip alone
stub_put() {
	. "/chips/$1.sh"
	rmmod i2c-stub 2>/dev/null
	modprobe i2c-stub "chip_addr=0x$address"
	stub=$(bus_number SMBus.stub)
	echo "$values" | while read -r reg value mode; do
		[ -z "$reg" ] || i2cset -y "$stub" "0x$address" "$reg" "$value" "$mode"
	done
}

# bind BUS TYPE ADDRESS / unbind BUS ADDRESS: the kernel's own driver
bind() {
	# Some find their chips by themselves on a bus such as the stub's.
	[ ! -e "/sys/bus/i2c/devices/$1-00$3" ] || return 0
	echo "$2" "0x$3" >"/sys/bus/i2c/devices/i2c-$1/new_device"
}

unbind() {
	# Some find their chips by themselves on a bus such as the stub's.
	[ ! -e "/sys/bus/i2c/devices/$1-00$3" ] || return 0
	echo "0x$2" >"/sys/bus/i2c/devices/i2c-$1/delete_device"
}

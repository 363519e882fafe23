#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash disable=SC1090,SC1091,SC2034,SC2154 # what a chip is and where: variables of sourced files
# The first process of a guest: mounts, functions, then the test. Words for the host go to the console, JSON lines of the agents at the end
# to the second serial port, where there is one.
/bin/busybox --install -s /bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mount -t debugfs none /sys/kernel/debug
ln -s /bin/busybox /sbin/modprobe
hostname guest
echo # ends the line of the BIOS
export PATH=/bin:/sbin
json=/tmp/json
: >$json

# word NAME: what the host has put on the kernel's command line
word() {
	sed -n "s/.*runnel\.$1=\([^ ]*\).*/\1/p" /proc/cmdline
}

# full_windows: how many there are in which each stream has readings
full_windows() {
	grep '^{"type":"partial"' $json | grep -vc '"n":0,'
}

# agent FILE: in the background, until finish; all of its sensors have been read
agent() {
	had=$(full_windows)
	/bin/runnel run --print -c "$1" >>$json 2>/tmp/log &
	agent=$!
	until_true 90 has_read
	kill -0 "$agent" || finish
}

has_read() {
	! kill -0 "$agent" || [ "$(full_windows)" -gt "$had" ]
}

# stopped COMMAND...: while the agent does not run
stopped() {
	kill -STOP "$agent"
	"$@"
	kill -CONT "$agent"
	sleep 2
	settled
}

# turns SENSOR CHANGE: waits until the agent has logged a change of its state that turns has not waited for before
turns() {
	eval "seen=\$((\${turns_$1:-0} + 1))"
	tenths=0
	while [ "$(grep -c "sensor $1: $2" /tmp/log)" -lt $(((seen + 1) / 2)) ]; do
		tenths=$((tenths + 1))
		[ $tenths -lt 900 ] || { echo "HIL sensor $1 never did: $2" && return; }
		sleep 0.1
	done
	eval "turns_$1=$seen"
}

finish() {
	if [ -n "$agent" ]; then
		kill -TERM "$agent"
		wait "$agent"
		echo "HIL agent status $?"
		sed 's/^/HIL log /' /tmp/log
	fi
	[ ! -e /tmp/stood ] || echo "HIL stood $(cat /tmp/stood)"
	if [ -s /tmp/json ] && stty -F /dev/ttyS1 raw 2>/dev/null; then
		cat /tmp/json >/dev/ttyS1
	fi
	sync
	sleep 1
	echo 'HIL end'
	${off:-poweroff -f}
}

. /bus.sh
. /test.sh
finish

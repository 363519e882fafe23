# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash disable=SC1091 # board.sh is there on boards that have more to be done
# On a machine of another architecture: the agent reads sensors and publishes to a broker, and the host says what else shall happen; arm.sh.
# Boards without a clock of their own have the time from the host.
start() {
	/bin/runnel run -c /arm.yaml &
	agent=$!
}

stop() {
	kill -TERM "$agent"
	wait "$agent"
	echo "HIL agent status $?"
	agent=
}

# read_now SENSOR CONFIG: without the agent
read_now() {
	/bin/runnel read "$1" -c "$2" >/tmp/read 2>&1
	echo "HIL $1 $? $(tr '\n' ' ' </tmp/read)"
}

for module in $(word modules | tr , ' '); do
	modprobe "$module" || echo "HIL no module $module"
done
date -s "@$(word now)" >/dev/null
tenths=0
while [ ! -e /sys/class/net/usb0 ] && [ ! -e /sys/class/net/eth0 ] && [ $tenths -lt 600 ]; do
	tenths=$((tenths + 1))
	usleep 100000
done
for port in usb0 eth0; do
	ifconfig $port 10.0.2.15 netmask 255.255.255.0 up 2>/dev/null && break
done
echo "HIL machine $(uname -rm) $port $(tr '\0' ' ' </proc/device-tree/model 2>/dev/null)"
for adapter in /sys/class/i2c-dev/*; do
	[ ! -e "$adapter/name" ] || echo "HIL adapter ${adapter##*/} $(cat "$adapter/name")"
done
sed -i "s/PORT/$(word port)/" /arm.yaml
[ ! -e /board.sh ] || . /board.sh
start
while read -r words && [ "$words" != end ]; do
	$words
	echo 'HIL done'
done
# shellcheck disable=SC2034 # finish takes it
off=$(word off | tr + ' ')

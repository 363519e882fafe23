# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
# On a machine of 64-bit Arm or a Raspberry Pi: the agent reads a sensor and publishes to a broker, until the host has seen what it
# wants; arm.sh. Boards without a clock of their own have the time from the host.
word() {
	sed -n "s/.*runnel\.$1=\([^ ]*\).*/\1/p" /proc/cmdline
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
/bin/runnel run -c /arm.yaml &
agent=$!
read -r _
kill -TERM $agent
wait $agent
echo "HIL agent status $?"
agent=
# shellcheck disable=SC2034 # finish takes it
off=$(word off | tr + ' ')

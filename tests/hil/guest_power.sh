# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash
# One life of a board that will lose its power: its disk, its network, the rows of this start, the agent. The host ends it, by a word or without one.
modprobe -a virtio_pci virtio_blk virtio_net ext4
mkdir -p /data /beats
mount -t ext4 /dev/vda /data || echo 'HIL no disk'
mount -t ext4 /dev/vdb /beats || echo 'HIL no disk'
ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
start=$(word start)
sed -i "s/PORT/$(word port)/" /power.yaml
awk -v start="$start" 'BEGIN {
	print "time,row,scattered,meter,level"
	for (r = start * 4000; r < start * 4000 + 4000; r++)
		printf "%d,%d,%d,%d,%d\n", r, r, r * 7919 % 1009 - 300, 3 * r, int(r / 7) % 2 ? r + 1 : -r - 1
}' >/tmp/rows.csv
second=$(date +%s)
while [ "$(date +%s)" = "$second" ]; do usleep 20000; done
stty -echo
echo "HIL second $(date +%s)"
/bin/heart /beats/heart /tmp/ready &
while [ ! -e /tmp/ready ]; do usleep 20000; done
echo 'HIL agent'
NOTIFY_SOCKET=/tmp/ready /bin/runnel run -c /power.yaml &
agent=$!
read -r _ # the last life ends in good order
kill -TERM $agent
wait $agent
echo "HIL agent status $?"
agent=

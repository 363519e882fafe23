# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash disable=SC1090,SC1091,SC2034,SC2154 # what a chip is and where: variables of sourced files
# What happens to the agent under its unit; tests/hil/unit.sh expects it. systemd starts this as a service.
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
. /bus.sh

says() { runnel status | grep -q "$1"; }
main_pid() { systemctl show -P MainPID runnel; }

ip link set lo up 2>/dev/null || ifconfig lo 127.0.0.1 up
mount -t debugfs none /sys/kernel/debug 2>/dev/null
gpio_make
sim_make 0x48,0x76
sim_put lm75 48
sim_put bme280
systemd-sysusers
systemd-tmpfiles --create /usr/lib/tmpfiles.d/runnel.conf
echo "HIL modes $(stat -c '%a %G' /dev/gpiochip0) $(stat -c '%a %G' "/dev/i2c-$sim") $(stat -c '%a %U:%G' /etc/runnel/runnel.yaml)"
mosquitto -c /etc/mosquitto.conf >/tmp/mosquitto.log 2>&1 &

systemctl daemon-reload
systemctl start runnel
echo "HIL start $?"
until_true 60 says '^broker .*connected since'
for sensor in warm air door flow box; do
	until_true 60 says "^$sensor .* ok"
done
level 0 1
until_true 60 says '^open *1 '
runnel status | sed 's/^/HIL status /'
for key in CapBnd CapEff NoNewPrivs Seccomp; do
	echo "HIL $(grep "^$key:" "/proc/$(main_pid)/status" | tr '\t' ' ')"
done
echo "HIL user $(stat -c %U "/proc/$(main_pid)") $(systemctl is-active runnel runnel-clock | tr '\n' ' ')"
echo "HIL secret $(stat -c %a /run/credentials/runnel.service 2>/dev/null) $(ls /run/credentials/runnel.service)"

# The agent cannot ask the kernel whether the clock is right, and knows it all the same, either way.
clock_status right
echo "HIL kernel $(runnel clock)"
until_true 60 test -s /run/runnel-clock/synchronised
until_true 60 says '^clock *synchronised'
echo "HIL clock $(runnel status | grep '^clock')"

# It hangs: systemd finds out and starts it again. An agent that is fed must outlive several such times; a machine that stands still for half
# of one would be taken for a hang.
mkdir -p /run/systemd/system/runnel.service.d
printf '[Service]\nWatchdogSec=10\nRestartSec=1\n' >/run/systemd/system/runnel.service.d/soon.conf
systemctl daemon-reload
systemctl restart runnel
until_true 60 says '^door .* ok'
before=$(main_pid)
sleep 21
[ "$(main_pid)" = "$before" ] && echo 'HIL fed'
kill -STOP "$before"
is_another() { [ "$(main_pid)" != "$before" ] && [ "$(main_pid)" != 0 ] && says '^door .* ok'; }
until_true 90 is_another
echo "HIL restarts $(systemctl show -P NRestarts runnel)"
systemctl stop runnel
echo "HIL stop $(systemctl show -P Result runnel) $(stat -c '%a %U' /var/lib/runnel) $(systemctl is-active runnel)"
dmesg | grep -E 'runnel|audit|seccomp' | tail -n 40 | sed 's/^/HIL log /'
echo 'HIL end'
sync
sleep 1
poweroff -f

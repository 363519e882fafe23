# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=dash disable=SC1090,SC1091,SC2034,SC2154 # what a chip is and where: variables of sourced files
# Each chip of chips.table: read by our driver, then by the kernel's own through our hwmon or iio.

# values WHERE CHIP WHOSE FILE: the values of a sensor, as "HIL value WHERE CHIP WHOSE CHANNEL VALUE"
values() {
	/bin/runnel read -c "$4" --json 2>/tmp/err |
		sed 's/.*"channel":"\([^"]*\)","value":\([^,]*\),.*"reason":\(.*\)}/\1 \2 \3/' | while read -r channel value reason; do
		echo "HIL value $1 $2 $3 $channel $value $reason"
	done
	[ ! -s /tmp/err ] || sed "s/^/HIL trouble $1 $2 $3 /" /tmp/err
}

# compare WHERE BUS CHIP TYPE MODULE CLASS
compare() {
	printf 'sensors: {s: {driver: %s, bus: i2c-%s, address: 0x%s%s}}\n' "$3" "$2" "$address" "${options:+, $options}" >/tmp/ours.yaml
	printf 'sensors: {s: {driver: %s, device: "%s-00%s"}}\n' "$6" "$2" "$address" >/tmp/theirs.yaml
	[ "$1" = stub ] || more "$3" ours
	values "$1" "$3" ours /tmp/ours.yaml
	"$1_put" "$3" # for the kernel's driver the chip was just switched on, too
	[ "$1" = stub ] || more "$3" theirs
	modprobe "$5" 2>/dev/null
	bind "$2" "$4" "$address"
	values "$1" "$3" theirs /tmp/theirs.yaml
	unbind "$2" "$address" "$5"
}

# more CHIP WHOSE: what the image at rest lacks: what a chip does by itself, and answers that only the kernel's driver asks for.
more() {
	here=/sys/kernel/debug/i2c-sim/$address
	case $1 in
	tmp102) # the kernel has it in extended mode, where the same 50 degrees are another number
		[ "$2" = ours ] || sim_reg "$address" 0 '\x19\x00'
		;;
	ds3231) echo 0e=0e1c >"$here/react" ;;
	tmp117)
		echo 01=012620 >"$here/react"
		[ "$2" = ours ] || sim_reg "$address" 30 '\x01\x17' # it knows no revisions
		;;
	bmp180) # temperature and pressure come in the same registers
		echo f42e=f40e006cfa00 >"$here/react"
		echo f434=f414005d2300 >"$here/react"
		echo f4f4=f4d4005d2300 >"$here/react"
		;;
	bmp388)
		echo 1b13=1b03 >"$here/react"
		sim_reg "$address" 3 '\x70'
		sim_reg "$address" 16 '\x00'
		;;
	vl53l0x) [ "$2" = ours ] || sim_reg "$address" 20 '\x59' ;; # it waits for bit 0 of the status
	hdc1080) echo 01=1234 >"$here/answer" ;;
	htu21d) echo fcc9=485404000000 >"$here/answer" ;;
	esac
}

sim_make "$(sed -n 's/^address=/0x/p' /chips/*.sh | sort -u | tr '\n' ',' | sed 's/,$//')"
grep -v "^#" /chips.table | while read -r chip where type module class _; do
	for w in $(echo "$where" | tr , ' '); do
		"${w}_put" "$chip"
		[ "$w" = sim ] && bus=$sim || bus=$stub
		compare "$w" "$bus" "$chip" "$type" "$module" "$class"
	done
done
dmesg | tail -n 60 | sed 's/^/HIL kernel /'

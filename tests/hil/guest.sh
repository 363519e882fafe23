# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# To be sourced by the tests here: makes a guest with the agent in it, runs it in QEMU without acceleration, and judges what it said.
# Waits inside are generous and no time is asserted.
build=$(realpath -m "${RUNNEL_BUILD:-build}")
runnel=${HIL_RUNNEL:-$build/runnel}
kit=${HIL_KIT:-$build/hil-kit}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

need() {
	local program
	for program in "$@"; do
		command -v "$program" >/dev/null || { echo "skipped: no $program here" && exit 77; }
	done
}

# guest_make SCRIPT: the kit, the agent with its libraries, the shell functions, the test; into $work/guest
guest_make() {
	cp -a "$kit/guest" "$work/guest"
	cp tests/hil/guest_init.sh "$work/guest/init"
	cp tests/hil/guest_bus.sh "$work/guest/bus.sh"
	cp "$1" "$work/guest/test.sh"
	chmod 755 "$work/guest/init"
	cp "$runnel" "$work/guest/bin/runnel"
}

# The libraries of a program of this machine.
guest_libraries() {
	ldd "$1" | grep -o '/[^ ]*' | while read -r library; do
		mkdir -p "$work/guest$(dirname "$library")"
		cp -L "$library" "$work/guest$library"
	done
}

# guest_libraries_from SYSROOT PROGRAM: those of another architecture, by their names
guest_libraries_from() {
	local library path
	readelf -d "$2" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | while read -r library; do
		path=$(find "$1/usr/lib" "$1/lib/" -name "$library" | head -n 1)
		[[ -n $path ]] || { echo "no $library in $1" && return 1; }
		[[ ! -e $work/guest/lib/$library ]] || continue
		cp -L "$path" "$work/guest/lib/$library"
		guest_libraries_from "$1" "$path"
	done
}

# The chips of the unit tests.
guest_chips() {
	mkdir "$work/guest/chips"
	"$build/tests/hil/chip_images" "$work/guest/chips"
}

guest_pack() {
	(cd "$work/guest" && find . | LC_ALL=C sort | cpio -o -H newc --quiet | gzip -1) >"$work/initrd"
}

# guest_run QEMU...: leaves what was said in $work/said and the JSON lines of the second serial port in $work/lines
guest_run() {
	timeout "${HIL_GUEST_TIMEOUT_S:-600}" "$@" -nographic -no-reboot -nodefaults -kernel "$kit/vmlinuz" -initrd "$work/initrd" \
		-serial "file:$work/console" -serial "file:$work/json" </dev/null >"$work/qemu" 2>&1 ||
		fail "the guest did not end: $? $(tail -n 3 "$work/qemu")"
	guest_heard
}

guest_heard() {
	tr -d '\r' <"$work/console" >"$work/said"
	grep '^{' "$work/json" >"$work/lines" || true
	if [[ -n ${HIL_KEEP:-} ]]; then
		mkdir -p "$HIL_KEEP"
		cp "$work/said" "$work/lines" "$HIL_KEEP"
	fi
	grep -q '^HIL end' "$work/said" || fail 'the guest did not come to its end'
	! grep -q '^HIL never' "$work/said" || fail "$(grep '^HIL never' "$work/said")"
}

guest_run_pc() {
	guest_run qemu-system-x86_64 -accel tcg -M q35 -m 512 -append 'console=ttyS0 quiet panic=-1' "$@"
}

# expect WHAT WANTED GOT
expect() {
	[[ $2 == "$3" ]] || fail "$1: expected $2, got $3"
}

# expect_said WHAT REGEX
expect_said() {
	grep -Eq "$2" "$work/said" || fail "$1: nothing like '$2' was said"
}

# metric STREAM EXPRESSION: summed over all partials
metric() {
	jq -s "[.[] | select(.type == \"partial\").metrics[] | select(.name == \"$1@1\") | $2] | add // 0" "$work/lines"
}

events() {
	jq -s -c "[.[] | select(.type == \"event\" and .stream == \"$1\") | .event] | group_by(.) | map({(.[0]): length}) | add" \
		"$work/lines"
}

# stood PER_S: how many of PER_S a second cannot have been, because the guest stood still
stood() {
	awk -v per_s="$1" '$1 == "HIL" && $2 == "stood" { n = $3 * per_s / 100 } END { printf "%d\n", n }' "$work/said"
}

# conclude TEXT
conclude() {
	((failures == 0)) || { cat "$work/said" && exit 1; }
	echo "$1"
}

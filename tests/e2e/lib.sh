# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the end-to-end tests and tests/cross/publish.sh share: a directory that goes with the test, processes that end with it, a broker of its own,
# waits that end. To be sourced.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root" || exit 1
runnel=$(realpath -m "${RUNNEL_BUILD:-build}")/runnel
work=$(mktemp -d)
failures=0
declare -A pids=()

skip() {
	echo "skipped: $*"
	exit 77
}

fail() {
	echo "FAILED: $*"
	failures=$((failures + 1))
}

# end NAME [SIGNAL]: ends a process of this test and waits for it; the status is in $status.
end() {
	status=0
	kill "-${2:-TERM}" "${pids[$1]}" 2>/dev/null || true
	wait "${pids[$1]}" 2>/dev/null || status=$?
	unset "pids[$1]"
}

finish() {
	local code=$? name
	trap - EXIT
	for name in "${!pids[@]}"; do
		end "$name" KILL
	done
	if ((code == 0 && failures > 0)); then
		code=1
	fi
	if ((code != 0 && code != 77)); then
		tail -n 20 "$work"/*.log 2>/dev/null || true
	fi
	rm -rf "$work"
	exit "$code"
}
trap finish EXIT
trap 'exit 130' INT TERM

# wait_for SECONDS WHAT COMMAND...: until COMMAND succeeds; the test ends when it does not. A machine that does four things at once takes
# longer, and no time is asserted here: it is given thrice as many.
wait_for() {
	local until=$((${EPOCHREALTIME/[.,]/} + $1 * 3000000)) what=$2 seconds=$(($1 * 3))
	shift 2
	until "$@" 2>/dev/null; do
		if ((${EPOCHREALTIME/[.,]/} > until)); then
			echo "FAILED: waited $seconds s for $what"
			exit 1
		fi
		sleep 0.05
	done
}

has() { grep -q -e "$2" -- "$1"; }
is_alive() { kill -0 "${pids[$1]}" 2>/dev/null; }
is_over() { ! kill -0 "${pids[$1]}" 2>/dev/null; }

# The status of a command, which may fail; its output goes where the caller says.
status_of() {
	status=0
	"$@" || status=$?
}

expect_status() {
	((status == $1)) || fail "$2: exit status $status, expected $1"
}

# --- broker ---

need_broker() {
	PATH=$PATH:/usr/sbin:/usr/local/sbin
	command -v mosquitto >/dev/null || skip 'mosquitto is not installed'
	command -v mosquitto_sub >/dev/null || skip 'mosquitto_sub is not installed'
}

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# make_broker LINE...: writes its config, with these lines more, and takes a port.
make_broker() {
	port=$(free_port)
	mkdir -p "$work/broker"
	{
		echo "listener $port 127.0.0.1"
		echo 'log_dest stderr'
		echo 'max_queued_messages 0'
		echo 'persistence true'
		echo "persistence_location $work/broker/"
		((EUID != 0)) || echo 'user root'
		printf '%s\n' "$@"
	} >"$work/mosquitto.conf"
}

port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }

start_broker() {
	mosquitto -c "$work/mosquitto.conf" >>"$work/mosquitto.log" 2>&1 &
	pids[broker]=$!
	wait_for 20 'the broker' port_answers "$port"
}

# Lets the broker keep all messages for a subscriber that is not there yet, over its own end too.
keep_for_watcher() {
	start_broker
	timeout 20 mosquitto_sub -h 127.0.0.1 -p "$port" -i watcher -c -q 1 -t '#' -E
	end broker
}

# Each message as a line "TOPIC RETAINED HEX" of messages.txt, from now on and over ends of the broker.
start_watcher() {
	mosquitto_sub -h 127.0.0.1 -p "$port" -i watcher -c -q 1 -t '#' -F '%t %r %x' >>"$work/messages.txt" 2>>"$work/watcher.log" &
	pids[watcher]=$!
}

# listen NAME TOPIC FILE [OPTION...]: messages of a topic go into FILE, all from now on: the broker knows of the subscription before this returns.
listen() {
	local name=$1 topic=$2 file=$3
	shift 3
	timeout 20 mosquitto_sub -h 127.0.0.1 -p "$port" -i "$name" -c -q 1 -t "$topic" -E
	mosquitto_sub -h 127.0.0.1 -p "$port" -i "$name" -c -q 1 -t "$topic" "$@" >>"$file" 2>>"$work/watcher.log" &
	pids[$name]=$!
}

# Seconds in which this machine let a beat of 50 ms wait for twice as long, a line each: there an agent misses readings too.
start_beat() {
	python3 -u - >"$work/late.txt" <<-'EOF' &
		import time
		last = time.time()
		while True:
		    time.sleep(0.05)
		    now = time.time()
		    if now - last > 0.1:
		        print(*range(int(last), int(now) + 1), sep="\n")
		    last = now
	EOF
	pids[beat]=$!
}

# What a newcomer gets of a topic: the retained message, as it is.
retained() {
	timeout 20 mosquitto_sub -h 127.0.0.1 -p "$port" -C 1 -W 5 --retained-only -N -t "$1" 2>/dev/null
}

# Not -q: what is still being written then would fail.
retained_has() { retained "$1" | grep -e "$2" >/dev/null; }

# --- agent ---

# start_agent NAME CONFIG [OPTION...]: output in NAME.out, messages in NAME.log.
start_agent() {
	local name=$1 config=$2
	shift 2
	"$runnel" run -c "$config" "$@" >"$work/$name.out" 2>"$work/$name.log" &
	pids[$name]=$!
}

now_ms() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# --- a wall clock of the test's own ---

make_clock() {
	command -v "${CC:-cc}" >/dev/null || skip 'no C compiler'
	"${CC:-cc}" -D_GNU_SOURCE -shared -fPIC -o "$work/shim.so" tests/e2e/clock_shim.c
	head -c 24 /dev/zero >"$work/clock"
}

# set_clock SECONDS [SYNCHRONISED]: the wall clock is ahead by as many from now on; written at once, for it is mapped.
set_clock() {
	python3 - "$work/clock" "$1" "${2:-0}" <<'EOF'
import struct, sys
with open(sys.argv[1], "r+b") as f:
    f.write(struct.pack("=qq", int(sys.argv[2]), int(sys.argv[3])))
EOF
}

# set_suspended SECONDS: the machine has been suspended for as long, in all.
set_suspended() {
	python3 - "$work/clock" "$1" <<'EOF'
import struct, sys
with open(sys.argv[1], "r+b") as f:
    f.seek(16)
    f.write(struct.pack("=q", int(sys.argv[2])))
EOF
}

# with_clock COMMAND...: what it starts has this clock.
with_clock() {
	SHIM_CLOCK=$work/clock LD_PRELOAD=$work/shim.so "$@"
}

# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the parts of `make bench` share. Each part is a program of its own: `tests/bench/idle.sh` runs alone too.
# Everything is made in one temporary directory and on free ports of 127.0.0.1, and is gone at the end.
set -euo pipefail
export LC_ALL=C

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=${RUNNEL_BUILD:-$top/build}
# shellcheck disable=SC2034 # used by the parts
runnel=$bin/runnel
# shellcheck disable=SC2034
seconds=${BENCH_SECONDS:-60}
PATH=$PATH:/usr/sbin:/sbin
[[ -x $runnel ]] || { echo "bench: no $runnel; make it, or set RUNNEL_BUILD" && exit 1; }

# In memory, so that no disk is measured.
[[ -w /dev/shm ]] && base=/dev/shm || base=${TMPDIR:-/tmp}
dir=$(mktemp -d "$base/runnel-bench-XXXXXX")
started=()

finish() {
	local pid
	for pid in "${started[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	for pid in "${started[@]}"; do
		wait "$pid" 2>/dev/null || true
	done
	rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM

# background COMMAND...: runs until the end or stop; its id is in $pid.
background() {
	"$@" >/dev/null 2>&1 </dev/null &
	pid=$!
	started+=("$pid")
}

# stop PID...
stop() {
	kill "$@" 2>/dev/null || true
	wait "$@" 2>/dev/null || true
}

have() {
	command -v "$1" >/dev/null
}

skip() {
	printf '  skipped: %s\n' "$*"
}

# title WHAT HOW...: each HOW is a line.
title() {
	printf '\n== %s\n' "$1"
	shift
	printf '   %s\n' "$@"
}

# judge VALUE BAR: PASS when it is at most the bar.
judge() {
	awk -v v="$1" -v bar="$2" 'BEGIN { print (v + 0 <= bar + 0 ? "PASS" : "above") " (bar " bar ")" }'
}

# calc EXPRESSION [FORMAT]
calc() {
	awk "BEGIN { printf \"${2:-%.1f}\", $1 }"
}

median() {
	sort -n | awk '{ v[NR] = $1 } END { if (NR) print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

# cpu COMMAND...: milliseconds of user and system time; its output goes to $dir/out.
cpu() {
	local TIMEFORMAT='%3U %3S'
	{ time "$@" >"$dir/out" 2>"$dir/err"; } 2>&1 | awk '{ print ($1 + $2) * 1000 }'
}

# cpu_median RUNS COMMAND...
cpu_median() {
	local i runs=$1
	shift
	for ((i = 0; i < runs; i++)); do
		cpu "$@"
	done | median
}

# instructions COMMAND...
instructions() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$dir/callgrind" "$@" >/dev/null 2>&1
	awk '/Collected/ { print $NF }' "$dir/callgrind"
}

# A port of 127.0.0.1 that nobody listens on.
free_port() {
	local port
	while :; do
		port=$((20000 + RANDOM % 12000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

# certificates: an authority and a broker "localhost" in $dir.
certificates() {
	local key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2)
	openssl req -x509 "${key[@]}" -subj '/CN=bench authority' -keyout "$dir/ca.key" -out "$dir/ca.pem" 2>/dev/null
	openssl req -x509 -CA "$dir/ca.pem" -CAkey "$dir/ca.key" "${key[@]}" -subj /CN=broker -addext subjectAltName=DNS:localhost \
		-keyout "$dir/broker.key" -out "$dir/broker.pem" 2>/dev/null
}

# broker PLAIN_PORTS TLS_PORTS: a mosquitto with a listener for each, so that the traffic of each client can be told apart.
broker() {
	local port try
	{
		printf 'log_dest none\nallow_anonymous true\nset_tcp_nodelay true\n'
		[[ $(id -u) != 0 ]] || echo 'user root'
		for port in $1; do
			echo "listener $port 127.0.0.1"
		done
		for port in $2; do
			printf 'listener %s 127.0.0.1\n' "$port"
			printf '%s\n' "cafile $dir/ca.pem" "certfile $dir/broker.pem" "keyfile $dir/broker.key"
		done
	} >"$dir/mosquitto.conf"
	background mosquitto -c "$dir/mosquitto.conf"
	for ((try = 0; try < 100; try++)); do
		for port in $1 $2; do
			(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
			[[ $port != "${1##* }" ]] || return 0
		done
		sleep 0.05
	done
	echo 'bench: mosquitto did not start'
	return 1
}

# agent_config NAME URL WINDOW STREAMS QUANTILES: NAME.yaml, as many simulated sensors at 1 Hz as streams, each averaged over 16.
agent_config() {
	local i
	{
		printf 'device: %s\nsite: bench\nmqtt:\n  broker: %s\n' "$1" "$2"
		[[ $2 != mqtts* ]] || printf '  ca_file: %s\n' "$dir/ca.pem"
		printf 'spool: {path: %s}\nwindow: %s\nsensors:\n' "$dir/$1.db" "$3"
		for ((i = 0; i < $4; i++)); do
			printf '  n%d: {driver: sim, shape: random_walk, offset: 21.5, amplitude: 2, resolution: 0.01, seed: %d, ' "$i" "$i"
			printf 'unit: Cel, every: 1s}\n'
		done
		echo 'streams:'
		for ((i = 0; i < $4; i++)); do
			printf '  s%d: {from: n%d.value, through: [moving_average: 16], quantiles: %s}\n' "$i" "$i" "$5"
		done
	} >"$dir/$1.yaml"
}

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The programs of a target under emulation of its processor, from their config to a broker: publish.sh DIRECTORY HOST EMULATOR...
# The agent there publishes over TLS to mosquitto here, the collector there merges it, and a recording gives the same bytes as the
# programs in the directory HOST, of this machine, where there are any.
# shellcheck disable=SC2154,SC2034 # work, port, pids and failures are of lib.sh
set -euo pipefail
dir=$(realpath "${1:?directory of the target}") host=$(realpath -m "${2:?directory of the programs of this machine}")
shift 2
emulator=("$@")
# shellcheck source=tests/e2e/lib.sh disable=SC1091
source "$(dirname "$0")/../e2e/lib.sh"
# shellcheck source=tests/cross/recording.sh
source tests/cross/recording.sh
need_broker
command -v openssl >/dev/null || skip 'openssl is not installed'
for program in runnel runnel-collector; do
	[[ -x $dir/$program ]] || skip "no $program in $dir"
	printf '#!/bin/sh\nexec %s %q "$@"\n' "${emulator[*]@Q}" "$dir/$program" >"$work/$program"
	chmod +x "$work/$program"
done
runnel=$work/runnel

# --- a recording: the same bytes ---
n_same=0
if [[ -x $host/runnel ]]; then
	n_same=$(replay_same "$work" "$host/runnel" "$runnel") || fail "a recording gives something else than here: $n_same"
	((failures > 0 || n_same > 100)) || fail "only $n_same lines of a recording"
fi

# --- a broker, over TLS ---
(
	cd "$work"
	openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=ca
	openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.pem -days 2 -subj /CN=other
	openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost
	openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.pem -days 2 -extfile <(echo subjectAltName=DNS:localhost)
) >"$work/openssl.log" 2>&1
tls_port=$(free_port)
make_broker 'allow_anonymous true' "listener $tls_port 127.0.0.1" "certfile $work/server.pem" "keyfile $work/server.key"
keep_for_watcher
start_broker
start_watcher
cat >"$work/config.yaml" <<YAML
device: b1
site: lab
window: 1s
mqtt: {broker: "mqtts://localhost:$tls_port", ca_file: $work/ca.pem}
clock: {trust: always}
spool: {path: $work/spool.db}
sensors:
  air: {driver: sim, unit: Cel, every: 50ms, shape: sine, offset: 20, amplitude: 5, period: 3s}
  door: {driver: sim, shape: square, every: 50ms, period: 2s}
streams:
  temp: {from: air.value, quantiles: true}
  hot: {from: door.value, event: true}
kpis:
  temp_mean: {value: mean(temp)}
YAML
sed "s|ca.pem|other.pem|; s|spool.db|other.db|" "$work/config.yaml" >"$work/other.yaml"
status_of "$runnel" run -c "$work/other.yaml" --seconds 3 >"$work/other.log" 2>&1
expect_status 69 'a broker whose certificate is by somebody else'

start_agent agent "$work/config.yaml"
"$work/runnel-collector" run --broker "mqtt://127.0.0.1:$port" --json >"$work/fleet.json" 2>"$work/collector.log" &
pids[collector]=$!
has_all() {
	(($(grep -c '/b1/partial 0 ' "$work/messages.txt") >= 4)) && has "$work/messages.txt" /kpi/temp_mean && has "$work/messages.txt" /event &&
		has "$work/fleet.json" '"name":"temp_mean"'
}
wait_for 60 'partials, KPIs, events and what the collector makes of them' has_all
retained_has runnel/1/lab/b1/status '"state":"online"' || fail 'the status is not online'
end agent
expect_status 0 'SIGTERM'
end collector
expect_status 0 'SIGTERM to the collector'
retained_has runnel/1/lab/b1/status '"state":"offline"' || fail 'no good-bye'
n=0
while read -r _ _ hex; do
	python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.argv[1]))' "$hex" >"$work/partial"
	"$runnel" decode "$work/partial" >"$work/decoded" 2>/dev/null
	has "$work/decoded" '"device":"b1"' || fail "a partial that cannot be decoded: $hex"
	if [[ -x $host/runnel ]]; then
		"$host/runnel" decode "$work/partial" 2>/dev/null | cmp -s - "$work/decoded" || fail "decoded otherwise than here: $hex"
	fi
	n=$((n + 1))
done < <(grep /b1/partial "$work/messages.txt")
((failures > 0)) || echo "$n partials over TLS, $n_same lines of a recording with the same bytes as here"

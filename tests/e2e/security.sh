#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The broker of docs/security.md, with the very files of docs/mosquitto and TLS: agent, collector and `runnel push` lack nothing; a board
# writes below its own topic and nowhere else; who has no certificate of the fleet's CA is not let in. And how a key is replaced.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
need_broker
for tool in minisign openssl; do
	command -v $tool >/dev/null || skip "$tool is not installed"
done

# --- certificates, as the page makes them ---
mkdir "$work/ca"
pki=$work/ca
new_ca() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" -keyout "$pki/$1.key" -out "$pki/$1.pem" 2>/dev/null; }
# certificate NAME SUBJECT [CA]
certificate() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$2" -keyout "$pki/$1.key" -out "$pki/$1.csr" 2>/dev/null
	openssl x509 -req -in "$pki/$1.csr" -CA "$pki/${3:-ca}.pem" -CAkey "$pki/${3:-ca}.key" -CAcreateserial -days 2 \
		-extfile <(echo 'subjectAltName=IP:127.0.0.1') -out "$pki/$1.pem" 2>/dev/null
}
new_ca ca
new_ca foreign
certificate broker /CN=127.0.0.1
certificate board-1 '/CN=lab\/board-1'
certificate board-2 '/CN=lab\/board-2'
certificate collector /CN=collector
certificate ops /CN=ops
certificate viewer /CN=viewer
certificate stranger '/CN=lab\/board-1' foreign

# --- the broker ---
port=$(free_port)
sed -e "s|^listener 8883|listener $port 127.0.0.1|; s|/etc/mosquitto/runnel/runnel.acl|$root/docs/mosquitto/runnel.acl|; s|/etc/mosquitto/runnel|$pki|" \
	docs/mosquitto/runnel.conf >"$work/mosquitto.conf"
printf '%s\n' "persistence_location $work/" 'log_dest stderr' 'log_type all' >>"$work/mosquitto.conf"
((EUID != 0)) || echo 'user root' >>"$work/mosquitto.conf"
start_broker

# as NAME COMMAND...: with the certificate of NAME.
as() {
	local name=$1 command=$2
	shift 2
	"$command" -h 127.0.0.1 -p "$port" --cafile "$pki/ca.pem" --cert "$pki/$name.pem" --key "$pki/$name.key" -V 5 -q 1 "$@"
}
as ops mosquitto_sub -v -t 'runnel/1/#' -F '%t %p' >"$work/seen.txt" 2>"$work/ops.log" &
pids[seen]=$!
wait_for 10 'the subscription of ops' has "$work/mosquitto.log" 'Sending SUBACK to'

# --- the agent, the collector, a push: nothing is refused ---
minisign -G -W -f -p "$work/old.pub" -s "$work/old.key" >/dev/null
minisign -G -W -f -p "$work/new.pub" -s "$work/new.key" >/dev/null
# board KEYS
board() {
	cat >"$work/board.yaml" <<EOF
device: board-1
site: lab
labels: {line: a}
mqtt:
  broker: mqtts://127.0.0.1:$port
  ca_file: $pki/ca.pem
  cert_file: $pki/board-1.pem
  key_file: $pki/board-1.key
spool: {path: $work/spool.db}
remote_config: {keys: [$1], confirm_within: 5s}
revision: 1
window: 1s
sensors:
  air: {driver: sim, unit: Cel, every: 100ms}
streams:
  temp: {from: air.value}
  hot: {from: air.value, through: [threshold: {above: -100}], event: true}
kpis:
  warmth: {value: mean(temp)}
EOF
	start_agent agent "$work/board.yaml"
}
board "$work/old.pub, $work/new.pub"
"$(dirname "$runnel")/runnel-collector" run --broker "mqtts://127.0.0.1:$port" --ca-file "$pki/ca.pem" --cert-file "$pki/collector.pem" \
	--key-file "$pki/collector.key" --json >"$work/fleet.txt" 2>"$work/collector.log" &
pids[collector]=$!
seen() { has "$work/seen.txt" "^runnel/1/lab/$1"; }
for what in 'board-1/birth {' 'board-1/status {"state":"online"' 'board-1/contract/' 'board-1/partial ' 'board-1/event {' 'board-1/kpi/warmth {' \
	'board-1/config/state {"state":"active"' '_fleet/kpi/warmth {'; do
	wait_for 20 "$what" seen "$what"
done
# push KEY REVISION TARGET
push() {
	sed -n "/^window:/,\$p; 1i revision: $2" "$work/board.yaml" >"$work/next.yaml"
	cat >"$work/ops.yaml" <<EOF
site: lab
mqtt: {broker: "mqtts://127.0.0.1:$port", ca_file: $pki/ca.pem, cert_file: $pki/ops.pem, key_file: $pki/ops.key}
EOF
	status_of "$runnel" push -c "$work/ops.yaml" --key "$work/$1.key" "$3" "$work/next.yaml" >"$work/push.out" 2>&1
}
push old 2 board-1
expect_status 0 "a push: $(cat "$work/push.out")"
push old 3 line=a
expect_status 0 "a push to a group: $(cat "$work/push.out")"
push old 4 all
expect_status 0 "a push to all: $(cat "$work/push.out")"
as ops mosquitto_pub -t runnel/1/lab/board-1/cmd -m '{"cmd": "read", "sensor": "air", "id": "r1"}'
wait_for 10 'an answer' seen 'board-1/cmd/answer .*"id":"r1".*"state":"done"'
! has "$work/agent.log" 'refused' || fail "the agent was refused something: $(grep refused "$work/agent.log")"
! has "$work/collector.log" 'refused' || fail 'the collector was refused something'
! has "$work/mosquitto.log" 'Denied' || fail "the broker denied something: $(grep Denied "$work/mosquitto.log" | head -3)"

# --- what must not be ---
# denied WHO TOPIC
n_denied=0
denied() {
	as "$1" mosquitto_pub -t "$2" -m forged >/dev/null 2>&1 || true
	n_denied=$((n_denied + 1))
}
for leaf in birth status contract/00000000 partial event kpi/warmth config/state config/set cmd cmd/answer; do
	denied board-2 "runnel/1/lab/board-1/$leaf"
done
denied board-2 runnel/1/lab/board-2/config/set
denied board-2 runnel/1/lab/board-2/cmd
denied board-2 runnel/1/lab/_all/config/set
denied board-2 runnel/1/lab/_group/line=a/config/set
denied board-2 runnel/1/lab/_fleet/kpi/warmth
denied board-2 anything
denied collector runnel/1/lab/board-1/config/set
denied collector runnel/1/lab/board-1/partial
denied ops runnel/1/lab/board-1/partial
denied ops runnel/1/lab/board-1/config/state
denied viewer runnel/1/lab/board-1/cmd
as board-2 mosquitto_pub -t runnel/1/lab/board-2/event -m own
wait_for 10 'what a board may write' seen 'board-2/event own'
! has "$work/seen.txt" forged || fail "was written: $(grep forged "$work/seen.txt")"
(($(grep -c 'Denied PUBLISH' "$work/mosquitto.log") == n_denied)) || fail "not all of $n_denied were denied"
timeout 10 mosquitto_sub -h 127.0.0.1 -p "$port" --cafile "$pki/ca.pem" --cert "$pki/board-2.pem" --key "$pki/board-2.key" -W 2 \
	-t 'runnel/1/lab/board-1/#' >"$work/spied.txt" 2>/dev/null || true
[[ ! -s $work/spied.txt ]] || fail "a board reads what another says: $(head -c 200 "$work/spied.txt")"
! as stranger mosquitto_pub -t runnel/1/lab/board-1/event -m forged 2>/dev/null || fail 'a certificate of another CA was taken'
! mosquitto_pub -h 127.0.0.1 -p "$port" --cafile "$pki/ca.pem" -t x -m x 2>/dev/null || fail 'no certificate was needed'
! mosquitto_pub -h 127.0.0.1 -p "$port" -t x -m x 2>/dev/null || fail 'no TLS was needed'

# --- another key: both are trusted, then the new one alone ---
push new 5 board-1
expect_status 0 "the new key: $(cat "$work/push.out")"
end agent
board "$work/new.pub"
wait_for 20 'the agent again' seen 'board-1/config/state {"state":"active","revision":5'
push old 6 board-1
expect_status 1 'the old key'
has "$work/push.out" 'does not trust' || fail "the old key: $(cat "$work/push.out")"
push new 6 board-1
expect_status 0 'the new key again'

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A broker that refuses partials keeps them in the spool, and gets all of them when it does so no more; a contract that is larger than it
# takes is told once and does not close the connection; of two brokers the one that is there is taken.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
need_broker

printf 'topic readwrite #\n' >"$work/acl"
# shellcheck disable=SC2154 # of lib.sh
make_broker 'allow_anonymous true' "acl_file $work/acl" 'max_packet_size 1200'
{
	cat <<EOT
device: board-1
site: lab
window: 1s
mqtt: {broker: ["mqtt://127.0.0.1:1", "mqtt://127.0.0.1:$port"]}
spool: {path: $work/spool.db}
sensors:
  air: {driver: sim, unit: Cel, every: 100ms}
streams:
EOT
	for i in $(seq 12); do
		echo "  a_stream_with_a_long_name_number_$i: {from: air.value}"
	done
} >"$work/config.yaml"

start_broker
start_watcher
start_agent agent "$work/config.yaml"
n_partials() { grep -c board-1/partial "$work/messages.txt" || true; }
more_than() { (($(n_partials) > $1)); }
wait_for 30 'partials' more_than 2
has "$work/agent.log" 'larger than the broker takes' || fail 'the contract that is too large is not told'
! has "$work/agent.log" 'mqtt: lost' || fail 'the contract that is too large cost the connection'

printf 'topic read #\ntopic write runnel/1/lab/board-1/status\ntopic write runnel/1/lab/board-1/birth\n' >"$work/acl"
kill -HUP "${pids[broker]}"
wait_for 30 'the refusal in the log' has "$work/agent.log" 'the broker refused a message: not authorised'
has "$work/agent.log" 'kept, and sent again later' || fail 'the log does not say what becomes of it'
sleep 0.5 # what came before it
before=$(n_partials)
sleep 3
(($(n_partials) == before)) || fail 'a partial came through'
printf 'topic readwrite #\n' >"$work/acl"
kill -HUP "${pids[broker]}"
wait_for 60 'partials after the broker changed its mind' more_than $((before + 3))
end agent
expect_status 0 'the agent'
last=$(retained runnel/1/lab/board-1/status | jq .seq)
is_all_there() {
	awk '$1 ~ /partial$/ { print $3 }' "$work/messages.txt" | while read -r hex; do
		tr a-f A-F <<<"$hex" | basenc --base16 -d | "$runnel" decode
	done | jq .seq | sort -n | uniq >"$work/seqs"
	seq "$last" | cmp -s - "$work/seqs"
}
wait_for 20 "all of $last messages" is_all_there
(($(grep -c 'larger than the broker takes' "$work/agent.log") == 1)) || fail 'the contract was told more than once'
echo "$last messages"

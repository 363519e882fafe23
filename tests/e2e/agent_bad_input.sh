#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the user or the world gets wrong: the agent says so in clear words, ends with the right status or keeps running.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"

# config PORT [LINE...]
config() {
	local port=$1
	shift
	printf '%s\n' 'device: board-1' 'window: 1s' "mqtt: {broker: \"mqtt://127.0.0.1:$port\"${mqtt_more:-}}" \
		"spool: {path: ${spool:-$work/spool.db}}" 'sensors:' '  air: {driver: sim, unit: Cel, every: 100ms}' \
		'streams:' '  temp: {from: air.value}' "$@"
}

# try NAME COMMAND...: output in NAME.out and NAME.err, the status in $status.
try() {
	local name=$1
	shift
	status_of timeout 30 "$@" >"$work/$name.out" 2>"$work/$name.err"
}

# --- usage ---
config 1 >"$work/good.yaml"
for arguments in '--colour' 'extra' '--seconds' '--seconds=-1' '--seconds=nan' '-c'; do
	try usage "$runnel" run "$arguments"
	expect_status 64 "run $arguments"
	[[ -s $work/usage.err && ! -s $work/usage.out ]] || fail "run $arguments: no message, or not on stderr"
done
try usage "$runnel" rum
expect_status 64 'an unknown command'
has "$work/usage.err" "did you mean 'run'" || fail 'no "did you mean run"'
for arguments in "" "-c $work/good.yaml" "--input $work/x.csv" "-c $work/good.yaml -i x.csv --device /"; do
	# shellcheck disable=SC2086 # several arguments
	try usage "$runnel" replay $arguments
	expect_status 64 "replay $arguments"
done
try usage "$runnel" run --help
expect_status 0 'run --help'
[[ -s $work/usage.out && ! -s $work/usage.err ]] || fail 'help goes to stdout'

# --- configs ---
try config "$runnel" run -c "$work/none.yaml"
expect_status 74 'a config that is not there'
has "$work/config.err" 'none.yaml.*No such file' || fail 'the missing config is not named'
try config "$runnel" run -c "$work"
expect_status 74 'a directory as config'
if ((EUID != 0)); then
	config 1 >"$work/secret.yaml"
	chmod 0 "$work/secret.yaml"
	try config "$runnel" run -c "$work/secret.yaml"
	expect_status 74 'a config that may not be read'
fi
printf '%s\n' 'device: "a/b"' 'windw: 1s' 'mqtt: {broker: "http://x", prefix: "a/#"}' 'sensors:' \
	'  air: {driver: simm}' 'streams:' '  temp: {from: air.value, through: [medan: 5]}' 'kpis:' \
	'  k: {value: "mean(tmp)"}' >"$work/wrong.yaml"
try config "$runnel" run -c "$work/wrong.yaml" --print
expect_status 78 'a config with errors'
for words in "1:9: error: 'a/b'" "windw.*did you mean 'window'" "3:.*'http://x' is no broker" "3:.*'a/#' cannot" \
	"5:.*'simm', did you mean 'sim'"; do
	has "$work/config.err" "wrong.yaml:.*$words" || has "$work/config.err" "wrong.yaml:$words" ||
		fail "not all errors in one run: no $words in $(cat "$work/config.err")"
done
[[ ! -s $work/config.out ]] || fail 'something was printed for a config with errors'
head -c 2000 /dev/urandom >"$work/noise.yaml"
try config "$runnel" run -c "$work/noise.yaml" --print
expect_status 78 'noise as config'
: >"$work/empty.yaml"
try config "$runnel" run -c "$work/empty.yaml" --print
expect_status 78 'an empty config'

# --- output ---
status_of timeout 30 "$runnel" run -c "$work/good.yaml" --print --seconds 20 >/dev/full 2>"$work/full.err"
expect_status 74 'a full disk as output'
has "$work/full.err" 'No space left' || fail 'the full disk is not named'
status_of timeout 30 "$runnel" run -c "$work/good.yaml" --print --seconds 20 >&- 2>"$work/closed.err"
expect_status 74 'a closed output'
has "$work/closed.err" 'output' || fail 'the closed output is not named'
status_of timeout 30 "$runnel" run -c "$work/good.yaml" --print --seconds 20 2>"$work/head.err" | head -n 1 >"$work/head.out"
has "$work/head.out" '"type":"partial"' || fail 'no line for head'
printf 'time,air.value\n1700000000,1\n1700000100,2\n' >"$work/two.csv"
status_of timeout 30 "$runnel" replay -c "$work/good.yaml" -i "$work/two.csv" >&- 2>/dev/null
expect_status 74 'replay to a closed output'
try input "$runnel" replay -c "$work/good.yaml" -i "$work/none.csv"
expect_status 74 'replay of a file that is not there'
try input "$runnel" replay -c "$work/good.yaml" -i "$work"
expect_status 74 'replay of a directory'

# --- no place to count starts: told, another number each second, and it runs ---
spool=/dev/null/spool.db config 1 >"$work/nowhere.yaml"
start_agent nowhere "$work/nowhere.yaml"
wait_for 20 'the warning about the spool' has "$work/nowhere.log" '/dev/null/spool.db: Not a directory'
is_alive nowhere || fail 'ended because the spool cannot be written'
end nowhere
expect_status 0 'the agent without a place for its spool'

# --- a broker that takes the connection and never answers ---
cat >"$work/mute.py" <<'EOF'
import socket, sys
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(8)
print(s.getsockname()[1], flush=True)
held = []
while True:
    held.append(s.accept())
EOF
python3 "$work/mute.py" >"$work/mute.port" &
pids[mute]=$!
wait_for 20 'the mute broker' test -s "$work/mute.port"
config "$(cat "$work/mute.port")" >"$work/mute.yaml"
start_agent mute_agent "$work/mute.yaml"
wait_for 40 'the mute broker in the log' has "$work/mute_agent.log" 'no answer'
is_alive mute_agent || fail 'ended because the broker is mute'
began=$(now_ms)
end mute_agent
expect_status 0 'the agent of a mute broker'
took=$(($(now_ms) - began))
((took < 5000)) || fail "with a mute broker the end took $took ms"
has "$work/mute_agent.log" 'stay in the spool' || fail 'what stays at the end is not told'
end mute

# --- a wrong password ---
need_broker
command -v mosquitto_passwd >/dev/null || skip 'mosquitto_passwd is not installed'
mosquitto_passwd -b -c "$work/passwords" agent right
make_broker 'allow_anonymous false' "password_file $work/passwords"
start_broker
echo wrong >"$work/password"
mqtt_more=", username: agent, password_file: $work/password" config "$port" >"$work/password.yaml"
start_agent guest "$work/password.yaml"
wait_for 20 'the refusal in the log' has "$work/guest.log" 'cannot connect.*user name'
is_alive guest || fail 'ended because of a wrong password'
! has "$work/guest.log" wrong || fail 'the password is in the log'
echo right >"$work/password"
wait_for 70 'a connection once the password is right' has "$work/guest.log" 'mqtt: connected'
online() {
	timeout 10 mosquitto_sub -h 127.0.0.1 -p "$port" -u agent -P right -C 1 -W 5 -t runnel/1/default/board-1/status |
		grep -q '"state":"online"'
}
wait_for 20 'status online' online
rm "$work/password"
end guest
expect_status 0 'the agent with the password'

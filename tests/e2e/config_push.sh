#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Configs that are pushed, signed by minisign: what is not ours, not new or not good is refused with its place; what fails its trial is
# rolled back; what is good goes on after a restart, and streams that did not change lose no sample and no window.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
need_broker
command -v minisign >/dev/null || skip 'minisign is not installed'

make_broker 'allow_anonymous true'
start_broker
base=runnel/1/lab/board-1
minisign -G -W -f -p "$work/ops.pub" -s "$work/ops.key" >/dev/null
minisign -G -W -f -p "$work/other.pub" -s "$work/other.key" >/dev/null

cat >"$work/board.yaml" <<EOF
device: board-1
site: lab
labels: {line: a}
mqtt: {broker: "mqtt://127.0.0.1:$port"}
spool: {path: $work/spool.db}
remote_config: {keys: [$work/missing.pub, $work/ops.pub], confirm_within: 6s}
revision: 1
window: 1s
sensors:
  air: {driver: sim, unit: Cel, every: 100ms, offset: 20, amplitude: 5, period: 3s}
  oil: {driver: sim, unit: Cel, every: 100ms, offset: 60}
streams:
  temp: {from: air.value, through: [moving_average: 1s]}
  oil: {from: oil.value}
EOF

# pushed REVISION TARGET: the config of the file without its local part.
pushed() {
	echo "target: $2"
	echo "revision: $1"
	sed -n '/^window:/,$p' "$work/board.yaml"
}

# sign FILE [KEY [OPTION...]]: FILE.push is what is sent.
sign() {
	minisign -S -s "$work/${2:-ops}.key" -m "$1" "${@:3}" >/dev/null 2>&1 </dev/null
	{ cat "$1" && sed 's/^/# /' "$1.minisig"; } >"$1.push"
}
send() { mosquitto_pub -h 127.0.0.1 -p "$port" -q 1 -t "${2:-$base}/config/set" -f "$1"; }
state_is() { retained_has $base/config/state "$1"; }
# refused FILE PATTERN: the answer has it, and what ran goes on.
refused() {
	send "$1"
	wait_for 10 "the refusal: $2" state_is "\"state\":\"rejected\".*$2.*\"running\":{\"revision\":$running,"
}
running=1

start_beat
listen sub "$base/partial" "$work/partials.hex" -F '%x'
start_agent agent "$work/board.yaml"
wait_for 20 'the first state' state_is '"state":"active","revision":1,'
retained_has $base/birth '"revision":1' || fail 'no birth'

# --- refused ---
pushed 2 lab/board-1 >"$work/two.yaml"
sign "$work/two.yaml" other && mv "$work/two.yaml.push" "$work/foreign.push"
sign "$work/two.yaml"
refused "$work/two.yaml" 'not signed'
refused "$work/foreign.push" 'does not trust'
head -c -40 "$work/two.yaml.push" >"$work/torn.push"
refused "$work/torn.push" 'cannot be read\|not signed\|wrong'
sed 's/amplitude: 5/amplitude: 6/' "$work/two.yaml.push" >"$work/changed.push"
refused "$work/changed.push" 'the signature is wrong'
sed 's/^# trusted comment: /&x/' "$work/two.yaml.push" >"$work/comment.push"
refused "$work/comment.push" 'the signature is wrong'
head -c 300000 /dev/zero | tr '\0' '\n' >"$work/huge.push"
refused "$work/huge.push" '256 KiB'
# try_text NAME PATTERN: the text comes on stdin.
try_text() {
	cat >"$work/$1.yaml"
	sign "$work/$1.yaml"
	refused "$work/$1.yaml.push" "$2"
}
pushed 2 lab/board-2 | try_text retarget 'it is for lab/board-2, not for this board'
pushed 2 lab/_group/line=b | try_text group_b 'not for this board'
pushed 2 delft/board-1 | try_text other_site 'not for this board'
pushed 2 lab/board-1 | grep -v '^target' | try_text aimless "needs 'target'"
pushed 1 lab/board-1 | try_text old 'revision 1 is not above 1'
pushed 2 lab/board-1 | grep -v '^revision' | try_text unnumbered 'needs a revision'
{ pushed 2 lab/board-1 && echo 'mqtt: {broker: "mqtt://evil.example"}'; } | try_text broker "'mqtt' is the board's own.*\"line\":10,\"column\":1"
{ pushed 2 lab/board-1 && echo 'remote_config: {keys: [/tmp/mine.pub]}'; } | try_text keys "'remote_config' is the board's own"
pushed 2 lab/board-1 | sed 's/driver: sim, unit: Cel, every: 100ms, offset: 60/driver: csv, path: \/etc\/passwd/' | try_text csv 'names files of the board'
pushed 2 lab/board-1 | sed 's/moving_average: 1s/lua: {file: \/etc\/passwd}/' | try_text lua 'reaches beyond the pipeline'
pushed 2 lab/board-1 | sed 's/moving_average: 1s/exec: {command: [\/bin\/true]}/' | try_text exec 'reaches beyond the pipeline'
pushed 2 lab/board-1 | sed 's/moving_average/moving_avrage/' | try_text typo "did you mean 'moving_average'.*\"line\":8"
python3 -c 'print("target: lab/board-1\nrevision: 2\nx: " + "[" * 5000 + "]" * 5000)' | try_text deep 'nested too deeply'
python3 -c 'print("target: lab/board-1\nrevision: 2\na: &a [x, x]\n" + "".join(f"b{i}: &b{i} [*{p}, *{p}]\n" for i, p in enumerate(["a"] + [f"b{j}" for j in range(30)])))' |
	try_text aliases 'anchor'

# --- taken: oil changes, temp goes on ---
pushed 2 lab/board-1 | sed 's/oil: {from: oil.value}/oil: {from: oil.value, through: [median: 5]}/' >"$work/good.yaml"
sign "$work/good.yaml" ops -t 'a comment'
sleep 1.3
send "$work/good.yaml.push"
wait_for 20 'revision 2' state_is '"state":"active","revision":2,'
running=2
retained_has $base/birth '"revision":2' || fail 'the birth tells of another revision'
send "$work/good.yaml.push"
wait_for 20 'the same again' state_is '"state":"active","revision":2,'
sleep 2.2

# --- the old form of signature, a group, a new stream; then one to all ---
{ pushed 3 lab/_group/line=a && echo '  more: {from: air.value}'; } >"$work/three.yaml"
sign "$work/three.yaml" ops -l
send "$work/three.yaml.push" runnel/1/lab/_group/line=a
wait_for 20 'revision 3' state_is '"state":"active","revision":3,'
pushed 4 lab/_all >"$work/four.yaml"
sign "$work/four.yaml"
send "$work/four.yaml.push" runnel/1/lab/_all
wait_for 20 'revision 4' state_is '"state":"active","revision":4,'
running=4
refused "$work/three.yaml.push" 'revision 3 is not above 4'

# --- rolled back: a sensor that worked cannot be read any more ---
absent() {
	pushed "$1" lab/board-1 | sed 's/oil: {driver: sim, unit: Cel, every: 100ms, offset: 60}/oil: {driver: lm75, bus: i2c-99, address: 0x48, every: 100ms}/; s/oil.value/oil.temperature/' >"$work/absent$1.yaml"
	sign "$work/absent$1.yaml"
	send "$work/absent$1.yaml.push"
	wait_for 20 'the trial' state_is "\"state\":\"trying\",\"revision\":$1,"
}
absent 5
wait_for 20 'the way back' state_is '"state":"rolled_back","revision":5,.*"reason":"sensor oil.*"running":{"revision":4,'
refused "$work/absent5.yaml.push" 'revision 5 is not above 5, which was tried before'

# --- rolled back: the agent is killed during the trial ---
absent 6
end agent KILL
start_agent agent "$work/board.yaml"
wait_for 20 'the way back after a kill' state_is '"state":"rolled_back","revision":6,.*went down during the trial.*"running":{"revision":4,'

# --- a file that is edited; one that is broken does not end the agent ---
echo 'broken: [' >>"$work/board.yaml"
kill -HUP "${pids[agent]}"
wait_for 20 'the broken file' state_is '"state":"rejected"'
is_alive agent || fail 'a broken file ended the agent'
sed -i '/^broken/d; s/^revision: 1/revision: 20/; s/offset: 60/offset: 62/' "$work/board.yaml"
kill -HUP "${pids[agent]}"
wait_for 20 'the edited file' state_is '"state":"active","revision":20,.*"from":"file"'

# --- an edited file on trial, and somebody restarts the agent: what he wrote runs ---
sed -i.good 's/^revision: 20/revision: 21/; s/oil: {driver: sim[^}]*}/oil: {driver: lm75, bus: i2c-99, address: 0x48, every: 100ms}/; s/oil.value/oil.temperature/' "$work/board.yaml"
kill -HUP "${pids[agent]}"
wait_for 20 'the trial of the file' state_is '"state":"trying","revision":21,'
end agent TERM
start_agent agent "$work/board.yaml"
wait_for 20 'the file after a restart' state_is '"state":"active","revision":21,.*"from":"file"'
sed 's/^revision: 20/revision: 22/' "$work/board.yaml.good" >"$work/board.yaml"
kill -HUP "${pids[agent]}"
wait_for 20 'the file as it was' state_is '"state":"active","revision":22,.*"from":"file"'

# --- commands ---
listen answers "$base/cmd/answer" "$work/answers.txt"
cmd() { mosquitto_pub -h 127.0.0.1 -p "$port" -q 1 -t $base/cmd -m "$1"; }
cmd '{"cmd": "read", "sensor": "oil", "id": "r1"}'
wait_for 10 'a reading' has "$work/answers.txt" '"id":"r1".*"sensor":"oil".*"values":{"value":6'
cmd '{"cmd": "read", "sensor": "nobody", "id": "r2"}'
wait_for 10 'no reading' has "$work/answers.txt" '"id":"r2".*"state":"failed","reason":"there is no such sensor"'
cmd '{"cmd": "identify", "id": "i1"}'
wait_for 10 'who it is' has "$work/agent.log" 'lab/board-1'
cmd '{"cmd": "config", "id": "c1"}'
wait_for 10 'the text' has "$work/answers.txt" '"id":"c1","revision":22.*"text":"revision: 22'
! has "$work/answers.txt" 'spool.db\|ops.pub' || fail 'the local part was told'
cmd '{"cmd": "config", "revision": 2, "id": "c2"}'
wait_for 10 'a former text' has "$work/answers.txt" '"id":"c2","revision":2,.*median: 5'
cmd '{"cmd": "restart", "id": "x1"}'
wait_for 10 'no restart' has "$work/answers.txt" '"id":"x1".*"reason":"not among the commands'
end agent
expect_status 0 'the agent'

end sub

# --- nothing lost, nothing twice ---
python3 - "$work/partials.hex" "$runnel" "$work/late.txt" <<'EOF' || fail 'windows of an unchanged stream were split or lost samples'
import json, subprocess, sys
rows = []
for line in open(sys.argv[1]):
    rows.append(json.loads(subprocess.run([sys.argv[2], "decode"], input=bytes.fromhex(line.strip()), capture_output=True, check=True).stdout))
first = min(r["boot"] for r in rows)
rows = [r for r in rows if r["boot"] == first]
seqs = sorted({r["seq"] for r in rows})
assert seqs == list(range(1, len(seqs) + 1)), seqs
# Up to revision 4 the sensor of temp, metric 0, is the same.
w0s = sorted({r["w0"] for r in rows})
counts = {}
for r in rows:
    for m in r["metrics"]:
        if m["id"] == 0:
            counts.setdefault(r["w0"], []).append((r["part"], m["n"]))
inside = w0s[1:-1]
split = {w: counts[w] for w in inside if len([c for c in counts[w] if c[1] > 0]) > 1}
assert not split, ("windows of temp that were split", split)
# A machine that stands still for seconds misses whole windows, and parts of those before and after.
still = {w + i for w in inside if sum(c[1] for c in counts[w]) == 0 for i in (-1, 0, 1)}
late = {int(second) for second in open(sys.argv[3])}
few = {w: counts[w] for w in inside if sum(c[1] for c in counts[w]) != 10 and w not in still | late}
print(len(inside), "windows,", len(few), "with other than 10 samples:", few, "the machine stood still in", len(late.intersection(inside)))
assert len(few) <= len(inside) // 4
EOF

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `runnel push`: one board, a group, all; what each answers, and the exit status; canaries that keep a bad config from the others; what
# would change; and the way back.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
need_broker
command -v minisign >/dev/null || skip 'minisign is not installed'

make_broker 'allow_anonymous true'
start_broker
minisign -G -W -f -p "$work/ops.pub" -s "$work/ops.key" >/dev/null
minisign -G -W -f -p "$work/other.pub" -s "$work/other.key" >/dev/null

measure='window: 1s
sensors:
  air: {driver: sim, unit: Cel, every: 500ms, offset: 20}
  oil: {driver: sim, unit: Cel, every: 500ms, offset: 60}
streams:
  temp: {from: air.value}
  oil: {from: oil.value}'
for i in 1 2 3; do
	cat >"$work/board-$i.yaml" <<EOT
device: board-$i
site: lab
labels: {line: $([[ $i == 3 ]] && echo b || echo a)}
mqtt: {broker: "mqtt://127.0.0.1:$port"}
spool: {path: $work/spool-$i.db}
remote_config: {keys: [$work/ops.pub], confirm_within: 5s}
revision: 1
$measure
EOT
	start_agent "board-$i" "$work/board-$i.yaml"
done
online() { retained_has "runnel/1/lab/$1/status" '"state":"online"'; }
for i in 1 2 3; do
	wait_for 20 "board-$i" online "board-$i"
done

# config REVISION [SED...]: what is pushed.
config() {
	{ echo "revision: $1" && echo "$measure"; } | sed "${@:2}" -e '' >"$work/next.yaml"
}
push() {
	status=0
	"$runnel" push --broker "mqtt://127.0.0.1:$port" --site lab --timeout 15 "$@" >"$work/push.out" 2>"$work/push.err" </dev/null || status=$?
}
# pushed STATUS WHAT PATTERN...
pushed() {
	local p
	expect_status "$1" "$2"
	for p in "${@:3}"; do
		has "$work/push.out" "$p" || has "$work/push.err" "$p" || fail "$2: no '$p' in: $(cat "$work/push.out" "$work/push.err")"
	done
}

# --- one, a group, all ---
config 2 -e 's/oil: {from: oil.value}/oil: {from: oil.value, through: [median: 3]}/'
push --diff board-1 "$work/next.yaml"
pushed 0 'a difference' '^sensor  2 of 2 go on unchanged' '^stream  oil *begins anew' '^stream  1 of 2 go on' '^+  oil:.*median' '^-revision: 1'
! has "$work/push.out" 'spool\|ops.pub' || fail 'the local part was shown'
push --key "$work/ops.key" board-1 "$work/next.yaml"
pushed 0 'one board' '^BOARD  *ANSWER' '^board-1 .* active .* s' '^1 of 1 run it'
push --key "$work/ops.key" board-1 "$work/next.yaml"
pushed 0 'the same again' '^board-1 .* active'
config 3 -e 's/offset: 60/offset: 61/'
push --key "$work/ops.key" line=a "$work/next.yaml"
pushed 0 'a group' '^board-1 .* active' '^board-2 .* active' '^2 of 2 run it'
! has "$work/push.out" board-3 || fail 'a board of another group answered'
config 4
push --key "$work/ops.key" --json all "$work/next.yaml"
pushed 0 'all' '^{"device":"board-3","state":"active","seconds":[0-9.]*}$'

# --- what does not go well ---
push --key "$work/ops.key" board-1 "$work/next.yaml"
pushed 1 'an old revision for another target' 'board-1 .* rejected .* revision 4 is not above 4, which was taken'
config 5 -e 's/offset/ofset/'
push --key "$work/ops.key" all "$work/next.yaml"
pushed 78 'a config that no board would take' "next.yaml:4:.*did you mean 'offset'"
push --key "$work/ops.key" --no-check board-1 "$work/next.yaml"
pushed 1 'a board that looks itself' "board-1 .* rejected .*did you mean 'offset'.*(line 4, column"
config 5
push --key "$work/other.key" board-2 "$work/next.yaml"
pushed 1 'a key that is not trusted' 'board-2 .* rejected .*does not trust'
push --key "$work/ops.pub" board-2 "$work/next.yaml"
pushed 74 'no secret key' 'no secret key of minisign'
push --key "$work/ops.key" nobody "$work/next.yaml"
pushed 69 'a board that is not there' "no board of 'nobody' is online"
push board-1 "$work/next.yaml"
pushed 64 'no key' 'key is needed'
"$runnel" push --broker "mqtt://127.0.0.1:$(free_port)" --site lab --key "$work/ops.key" board-1 "$work/next.yaml" 2>/dev/null && fail 'no broker'
config 5 -e 's/oil: {driver: sim, unit: Cel, every: 500ms, offset: 60}/oil: {driver: lm75, bus: i2c-99, address: 0x48, every: 100ms}/; s/oil.value/oil.temperature/'
push --key "$work/ops.key" board-2 "$work/next.yaml"
pushed 1 'a sensor that is gone' 'board-2 .* rolled_back .* sensor oil, which worked before'

# --- signed elsewhere ---
{ echo 'target: lab/board-3' && config 6 && cat "$work/next.yaml"; } >"$work/six.yaml"
minisign -S -s "$work/ops.key" -m "$work/six.yaml" >/dev/null 2>&1 </dev/null
(cat "$work/six.yaml"; sed 's/^/# /' "$work/six.yaml.minisig") >"$work/signed.yaml"
push board-2 "$work/signed.yaml"
pushed 78 'signed for another' 'its target is lab/board-3, not lab/board-2'
push board-3 "$work/signed.yaml"
pushed 0 'signed by minisign' 'board-3 .* active'

# --- canaries ---
config 7 -e 's/^streams:/  more: {driver: lm75, bus: i2c-99, address: 0x48, every: 100ms}\n&/'
echo '  more: {from: more.temperature}' >>"$work/next.yaml"
push --key "$work/ops.key" --canary 1 all "$work/next.yaml"
pushed 1 'canaries that bring less' 'board-1 .* active' 'board-1 .*coverage .* before, 0.[0-9]* now: dropped' 'board-2 .* not sent' '^1 of 3 run it'
config 8 -e 's/offset: 20/offset: 25/'
push --key "$work/ops.key" --canary 2 all "$work/next.yaml"
pushed 0 'canaries, then all' 'board-2 .*coverage' 'board-3 .* active' '^3 of 3 run it'

# --- the way back: to what was pushed before, and to the file; what a board answers is not signed unseen ---
push --key "$work/ops.key" --rollback board-3
pushed 1 'a way back that nobody agreed to' '^target: lab/board-3' '^sensors:' 'give --yes'
push --key "$work/ops.key" --rollback --yes board-3
pushed 0 'the way back' 'revision 6 again, as revision 9' 'board-3 .* active'
config 10
push --key "$work/ops.key" --diff board-3 "$work/next.yaml"
pushed 0 'after it' '^stream  2 of 2 go on'
cat >"$work/board-4.yaml" <<EOT
$(sed 's/board-1/board-4/; s/spool-1/spool-4/; s/line: a/line: c/' "$work/board-1.yaml")
EOT
start_agent board-4 "$work/board-4.yaml"
wait_for 20 board-4 online board-4
push --key "$work/ops.key" --rollback --yes board-4
pushed 1 'nothing to go back to' 'runs its own file'
config 11 -e 's/offset: 20/offset: 30/'
push --key "$work/ops.key" board-4 "$work/next.yaml"
push --key "$work/ops.key" --rollback --yes board-4
pushed 0 'back to the file' "the board's file, revision 1 again, as revision 12"

# --- one is away ---
end board-2
config 20
push --key "$work/ops.key" all "$work/next.yaml"
pushed 1 'one is away' 'board-2  *offline' 'board-3 .* active' '^3 of 4 run it'

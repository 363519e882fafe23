#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# protoc, Google's implementation, and the messages of tests/golden agree in both directions; tests/test_wire.c shows that
# runnel writes and reads exactly these. `runnel decode` prints the numbers that protoc reads.
set -euo pipefail
cd "$(dirname "$0")/../.."

command -v protoc >/dev/null || {
	echo 'skipped: protoc is not installed'
	exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
runnel=${RUNNEL_BUILD:-build}/runnel
failures=0

fail() {
	printf '%s\n' "$*"
	failures=$((failures + 1))
}

with_protoc() { protoc -I . "$1=runnel.v1.Partial" pipelines/runnel.proto; }
from_hex() { python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))'; }

# The integers of a partial, one "NAME VALUE" a line, out of protobuf text; fields that are not there are 0.
numbers_of_text() {
	awk '
		$1 == "metrics" { if (in_metric++) show(); split("", v) }
		/^  [a-z_0-9]+:/ { sub(":", "", $1); v[$1] = $2 }
		/^    (neg_)?counts:/ { sub(":", "", $1); v[$1] = v[$1] (v[$1] == "" ? "" : ",") $2 }
		function show(  i, n, names) {
			n = split("id n s1 s2 bad lost tw tw_ms counts neg_counts", names, " ")
			for (i = 1; i <= n; i++)
				if (names[i] ~ /counts/) print names[i], v[names[i]]
				else print names[i], v[names[i]] == "" ? 0 : v[names[i]]
		}
		END { if (in_metric) show() }' "$1"
}

# The same out of the JSON line. Python reads integers exactly; jq 1.6 would not beyond 2^53.
numbers_of_json() {
	python3 -c '
import json, sys
for m in json.loads(sys.stdin.readline())["metrics"]:
    e, sketch = m["exact"], m["exact"].get("sketch", {})
    for name in "id n s1 s2 bad lost tw tw_ms".split():
        print(name, m[name] if name in m else e[name])
    for name in "counts", "neg_counts":
        print(name, ",".join(map(str, sketch.get(name, []))))'
}

checked=0
for text in tests/golden/*.txt; do
	name=$(basename "$text" .txt)
	hex=tests/golden/$name.hex
	from_hex <"$hex" >"$work/golden.bin"

	with_protoc --encode <"$text" >"$work/encoded.bin"
	cmp -s "$work/golden.bin" "$work/encoded.bin" || fail "$name: protoc encodes $text to other bytes than $hex"

	with_protoc --decode <"$work/golden.bin" >"$work/decoded.txt"
	! grep -qE '^ *[0-9]+:' "$work/decoded.txt" || fail "$name: a field that runnel.proto does not have"
	with_protoc --encode <"$work/decoded.txt" >"$work/again.bin"
	cmp -s "$work/golden.bin" "$work/again.bin" || fail "$name: protoc reads $hex and writes other bytes"

	if [[ -x $runnel ]]; then
		"$runnel" decode "$work/golden.bin" >"$work/line.json" || fail "$name: runnel decode refuses it"
		numbers_of_json <"$work/line.json" >"$work/runnel.numbers" || fail "$name: the line is not what was expected"
		numbers_of_text "$work/decoded.txt" >"$work/protoc.numbers"
		diff "$work/protoc.numbers" "$work/runnel.numbers" || fail "$name: runnel decode and protoc differ"
	fi
	checked=$((checked + 1))
done

((checked >= 6)) || fail "only $checked messages in tests/golden"
[[ -x $runnel ]] || echo "note: $runnel is not built, so only protoc was asked"
echo "$checked messages, $failures differences"
((failures == 0))

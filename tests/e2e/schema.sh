#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The JSON Schema of `runnel schema` against an independent validator: good configs pass and bad ones do not, and `runnel check`
# agrees on each of them.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

python3 -c 'import jsonschema, yaml' 2>/dev/null || {
	echo 'skipped: python3-jsonschema or python3-yaml is not installed'
	exit 77
}
runnel=$(realpath -m "${RUNNEL_BUILD:-build}/runnel")
[[ -x $runnel ]] || { echo "$runnel is not there" && exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 tests/e2e/schema_cases.py "$runnel" "$work"

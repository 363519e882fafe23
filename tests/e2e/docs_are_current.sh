#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# docs/configure.md is what the code prints now; `make docs` writes it.
set -euo pipefail
cd "$(dirname "$0")/../.."

runnel=${RUNNEL_BUILD:-build}/runnel
[[ -x $runnel ]] || { echo "$runnel is not there" && exit 1; }
if ! diff -u docs/configure.md <("$runnel" schema --markdown); then
	echo "docs/configure.md is not what the tables say; 'make docs' writes it anew"
	exit 1
fi

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Filters, windows and spectra against SciPy and NumPy, on made and on recorded data (the recordings only where they are).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${RUNNEL_BUILD:-$here/../../build}
for python in python3 /usr/bin/python3; do
	if "$python" -c 'import scipy' 2>/dev/null; then
		exec "$python" "$here/operators_scipy.py" "$build/tests/bench_operators" "$here/../../../shared/data"
	fi
done
echo 'skipped: no python3 with scipy'
exit 77

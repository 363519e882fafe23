#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Fourier transform beside kissfft.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"

title 'power spectrum of real values, runnel in doubles, kissfft in single precision' \
	'CPU time, median of 21 runs in turns; difference: of the powers, as a share of the largest'
if ! pkg-config --exists kissfft-float 2>/dev/null; then
	skip 'there is no kissfft (libkissfft-dev)'
	exit 0
fi
read -ra flags <<<"$(pkg-config --cflags --libs kissfft-float)"
"${CC:-gcc}" -O2 -ffp-contract=off -I"$top" -I/usr/include/kissfft -o "$dir/fft" "$top/tests/bench/fft.c" "$bin/librunnel.a" "${flags[@]}" -lm
"$dir/fft"

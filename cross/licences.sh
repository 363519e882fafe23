#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Our licence, which libraries of which version there are in a build for another processor, and for a static one their licences:
# licences.sh OUT SYSROOT [static]
set -euo pipefail
out=${1:?where to} sysroot=${2:?sysroot}
install -D -m 644 LICENSE "$out/copyright"
if [[ -e $sysroot/manifest ]]; then
	grep -vE -- '-bin=|^(tar|dpkg|libc-dev)=' "$sysroot/manifest" | LC_ALL=C sort >"$out/libraries"
fi
[[ ${3:-} == static ]] || exit 0
for dir in "$sysroot"/usr/share/doc/*/; do
	package=$(basename "$dir")
	[[ ! -e $sysroot/manifest || $package == *-dev || $package == libgcc* || $package == gcc-*-base || $package == zlib1g ]] || continue
	find -L "$dir" -maxdepth 1 -type f \( -name 'copyright*' -o -name 'COPY*' -o -name 'LICENSE*' \) -exec install -D -m 644 -t "$out/libraries.licences/$package" {} +
done

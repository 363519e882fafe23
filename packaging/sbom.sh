#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What is inside programs, as CycloneDX 1.4 in JSON: sbom.sh VERSION PROGRAM... Libraries that are loaded, the Debian packages they come
# from with their versions, and what is linked into the programs. The same programs on the same system give the same bytes.
# SYSROOT=DIR, of cross/sysroot.sh: for programs of another processor, whose packages its manifest names.
set -euo pipefail
version=${1:?version}
shift
sysroot=${SYSROOT:-}
[[ -z $sysroot || -f $sysroot/DEBIAN/shlibs ]] || { echo "sbom: no DEBIAN/shlibs in $sysroot: cross/sysroot.sh makes one" >&2 && exit 1; }
command -v readelf >/dev/null || { echo 'sbom: no readelf here: apt-get install binutils' >&2 && exit 1; }

# The package of a library that is loaded, as "PACKAGE VERSION ARCHITECTURE"; a library of no package has no version.
package_of() {
	local soname=$1 path package
	if [[ -n $sysroot ]]; then
		# libuv1.so.1 or libreadline-8.so is "libuv1 1" or "libreadline 8" in shlibs.
		package=$(awk -v so="$soname" '{ a = $1 ".so." $2; b = $1 "-" $2 ".so"; if (so == a || so == b) { print $3; exit } }' "$sysroot/DEBIAN/shlibs")
		[[ -z $package ]] || awk -F= -v p="$package" '$1 == p { print p, $2, "'"${DEB_ARCH:-}"'"; exit }' "$sysroot/manifest"
		return
	fi
	path=$(ldd "$2" | awk -v so="$soname" '$1 == so { print $3; exit }')
	package=$(dpkg -S "$(realpath "$path")" 2>/dev/null || dpkg -S "$path" 2>/dev/null || dpkg -S "/usr$path" 2>/dev/null) || return 0
	# shellcheck disable=SC2016 # dpkg's own variables
	dpkg-query -W -f '${Package} ${Version} ${Architecture}\n' "${package%%: *}"
}

linked_in() {
	if [[ -n $sysroot ]]; then
		awk -F= '$1 == "libnanopb-dev" { print $1, $2, "'"${DEB_ARCH:-}"'" }' "$sysroot/manifest"
	else
		# shellcheck disable=SC2016
		dpkg-query -W -f '${Package} ${Version} ${Architecture}\n' libnanopb-dev 2>/dev/null || true
	fi
}

component() { # PACKAGE VERSION ARCHITECTURE HOW
	printf '%s{"type": "library", "name": "%s", "version": "%s", "purl": "pkg:deb/debian/%s@%s%s", "properties": [{"name": "runnel:linkage", "value": "%s"}]}' \
		"$comma" "$1" "$2" "$1" "$(sed 's/+/%2B/g; s/:/%3A/g' <<<"$2")" "${3:+?arch=$3}" "$4"
	comma=$',\n    '
}

printf '{\n  "bomFormat": "CycloneDX", "specVersion": "1.4", "version": 1,\n'
printf '  "metadata": {"component": {"type": "application", "name": "runnel", "version": "%s", "licenses": [{"license": {"id": "Apache-2.0"}}],\n' "$version"
printf '    "components": ['
comma=''
for program; do
	printf '%s{"type": "file", "name": "%s", "hashes": [{"alg": "SHA-256", "content": "%s"}]}' "$comma" "${program##*/}" \
		"$(sha256sum "$program" | cut -d ' ' -f 1)"
	comma=', '
done
printf ']}},\n  "components": [\n    '
comma=''
{
	for program; do
		readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p' | while read -r soname; do
			found=$(package_of "$soname" "$program")
			echo "${found:-$soname - -} dynamic"
		done
	done
	linked_in | sed 's/$/ static/'
} | LC_ALL=C sort -u | {
	while read -r package its_version architecture how; do
		component "$package" "${its_version#-}" "${architecture#-}" "$how"
	done
	printf '\n  ]\n}\n'
}

# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034
# To be sourced: libraries for static programs, from the sources of Debian. Their own build systems would each have to be told about the
# target; most of them are a dozen files and need no more than a compiler.
# Before: $cc and $ar, the target's; $cflags, an array; $work, a scratch directory.

# fetch PACKAGE/SUITE...: the upstream sources into $work/PACKAGE, by an apt state of its own.
fetch() {
	local apt=$work/apt item name tarball
	mkdir -p "$apt"/{state/lists/partial,cache/archives/partial}
	printf "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${MIRROR:-http://deb.debian.org/debian} %s main\n" \
		bookworm trixie >"$apt/sources.list"
	local options=(-q -o Acquire::Retries=3 -o Acquire::http::Timeout=30 -o Dir::State="$apt/state" -o Dir::State::status=/dev/null -o Dir::Cache="$apt/cache"
		-o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o APT::Sandbox::User=root)
	if ! apt-get "${options[@]}" update >"$work/apt.log" 2>&1 ||
		! (cd "$apt" && apt-get "${options[@]}" source --download-only --tar-only "$@") >>"$work/apt.log" 2>&1; then
		echo "skipped: sources cannot be had from ${MIRROR:-http://deb.debian.org/debian}; MIRROR= is another one: $(tail -n 1 "$work/apt.log")"
		exit 77
	fi
	for item in "$@"; do
		name=${item%/*}
		mkdir -p "$work/$name"
		for tarball in "$apt/$name"_*.orig.tar.*[xz]; do
			tar -xf "$tarball" -C "$work/$name" --strip-components=1
		done
	done
}

# archive LIBRARY.a DIR "FILES" FLAG...: compiled in DIR.
archive() {
	local library=$1 dir=$2 files=$3 file objects
	shift 3
	objects=$(mktemp -d -p "$work")
	(
		cd "$dir" || exit
		# shellcheck disable=SC2016 # the inner shell's
		for file in $files; do
			printf '%s\0' "$file"
		done | xargs -0 -P "$(nproc)" -I{} sh -c 'object=$0/$(echo "$1" | tr / _).o; shift; "$@" -c -o "$object"' \
			"$objects" {} "$cc" "${cflags[@]}" -O2 -w "$@" {}
	)
	"$ar" rcsD "$library" "$objects"/*.o
}

cmocka_flags=(-Iinclude -Iprivate -DHAVE_MALLOC_H=1 -DHAVE_INTTYPES_H=1 -DHAVE_STDINT_H=1 -DHAVE_STRINGS_H=1 -DHAVE_SETJMP_H=1 -DHAVE_SIGNAL_H=1
	-DHAVE_STRSIGNAL=1 -DHAVE_TIME_H=1 -DHAVE_STRUCT_TIMESPEC=1 -DHAVE_CLOCK_GETTIME=1 -DHAVE_CLOCK_REALTIME=1 -DHAVE_GCC_THREAD_LOCAL_STORAGE=1
	-D_GNU_SOURCE)

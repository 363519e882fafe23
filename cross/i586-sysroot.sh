#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The libraries of static programs for an i586 without a mathematics of vectors and without LOCK, the Quark X1000 of the Galileo:
# i586-sysroot.sh DIR [PAHO_SRC]. Debian's i386 is i686 (CMOV), so all of it is compiled from sources: musl and what the agent is built on.
#
# - LOCK: on the Quark, a locked instruction that meets a page fault can go wrong (the reason why Intel's own systems were built without).
#   The assembler leaves out each such prefix; on one core an instruction is atomic all the same. Not for machines of more than one core.
# - The x87 computes with 64 bits unless told to round to the 53 of a double (-mpc64), without which numbers differ from those of every other
#   board. musl's printf and strtod rely on long double being as exact as its type says, so it is told that a long double is a double
#   (-mlong-double-64), and its assembler for the x87 gives way to the C that other processors have.
# - paho, the MQTT client, comes from PAHO_SRC, a source tree of it (version 1.3). Without it there are no programs, only the unit tests:
#   in its place stands a library that says so and ends with 77, which a test counts as skipped.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
dir=$(realpath -m "${1:?where to}") paho=${2:+$(realpath -m "$2")}
[[ -z $paho || -f $paho/src/MQTTAsync.c ]] || { echo "no src/MQTTAsync.c in PAHO_SRC=$paho: it is a source tree of paho.mqtt.c 1.3" >&2 && exit 1; }
work=$dir.work
mkdir -p "$(dirname "$dir")"
host=i686-linux-gnu
# shellcheck disable=SC2034 # sources.sh takes them
cc=$dir/bin/cc ar=$host-ar cflags=()
export TZ=UTC
unset MAKEFLAGS MAKELEVEL CFLAGS # what a user says of runnel is not meant for these

make_c_library() {
	rm -rf "$dir" "$work"
	mkdir -p "$dir"/{bin,include,lib} "$work"
	# shellcheck source=/dev/null
	. "$here/sources.sh"
	fetch musl/trixie libuv1/bookworm libyaml/bookworm jansson/bookworm lua5.4/bookworm sqlite3/bookworm libgpiod/bookworm nanopb/bookworm \
		cmocka/bookworm i2c-tools/bookworm openssl/bookworm
	"$here/sysroot.sh" bookworm i386 "$work/headers" linux-libc-dev libpaho-mqtt-dev
	cp -r "$work"/headers/usr/include/{linux,asm-generic} "$work/headers/usr/include/i386-linux-gnu/asm" "$dir/include/"
	cp "$work"/headers/usr/include/MQTT*.h "$dir/include/"
	local target=(-march=i586 -mtune=i586 -mno-mmx -mno-sse -mfpmath=387 -mlong-double-64 -fcf-protection=none '-Wa,-momit-lock-prefix=yes')
	(
		cd "$work/musl"
		rm -rf src/math/i386
		sed -e 's/#define LDBL_MANT_DIG.*/#define LDBL_MANT_DIG 53/' -e 's/LDBL_TRUE_MIN .*/LDBL_TRUE_MIN 4.94065645841246544177e-324L/' \
			-e 's/LDBL_MIN .*/LDBL_MIN 2.22507385850720138309e-308L/' -e 's/LDBL_MAX .*/LDBL_MAX 1.79769313486231570815e+308L/' \
			-e 's/LDBL_EPSILON .*/LDBL_EPSILON 2.22044604925031308085e-16L/' -e 's/LDBL_MIN_EXP .*/LDBL_MIN_EXP (-1021)/' \
			-e 's/LDBL_MAX_EXP .*/LDBL_MAX_EXP 1024/' -e 's/LDBL_DIG .*/LDBL_DIG 15/' -e 's/LDBL_MIN_10_EXP .*/LDBL_MIN_10_EXP (-307)/' \
			-e 's/LDBL_MAX_10_EXP .*/LDBL_MAX_10_EXP 308/' -e 's/DECIMAL_DIG .*/DECIMAL_DIG 17/' arch/arm/bits/float.h >arch/i386/bits/float.h
		CC=$host-gcc AR=$ar RANLIB=$host-ranlib CFLAGS="${target[*]} -O2" ./configure --target=i586 --prefix="$dir" --disable-shared
		make -j"$(nproc)"
		make install
	) >"$work/musl.log" 2>&1 || { tail -n 20 "$work/musl.log" && exit 1; }
	local gcc_include start
	gcc_include=$($host-gcc -print-file-name=include)
	start=$($host-gcc -print-file-name=crtprec64.o)
	sed -i "s|crtbeginS.o%s\|crtbegin.o%s|&|; /^\*startfile:/{n;s|\$| $start|}" "$dir/lib/musl-gcc.specs"
	cat >"$cc" <<-WRAPPER
		#!/bin/sh
		exec $host-gcc ${target[*]} -nostdinc -isystem $dir/include -isystem $gcc_include -specs $dir/lib/musl-gcc.specs "\$@"
	WRAPPER
	chmod +x "$cc"
}

make_openssl() { # only libcrypto and libssl; "386": no instruction that is later. Ciphers and protocols that no broker asks for are left out.
	local without=(sse2 shared tests dso engine async afalgeng aria bf camellia cast cmp cms ct dtls ec2m gost idea legacy md4 mdc2 ocb rc2 rc4
		rmd160 seed siphash siv sm2 sm3 sm4 srp srtp ts whirlpool)
	cd "$work/openssl"
	CC=$cc AR=$ar RANLIB=$host-ranlib ./Configure linux-x86 386 "${without[@]/#/no-}" --prefix="$dir" --libdir=lib --openssldir=/etc/ssl
	make -j"$(nproc)" build_libs
	make install_dev
}

make_sqlite() {
	mkdir -p "$work/sqlite-build"
	cd "$work/sqlite-build"
	"$work/sqlite3/configure" --disable-shared --disable-tcl
	make sqlite3.c
	cp sqlite3.h "$dir/include/"
	archive "$dir/lib/libsqlite3.a" . sqlite3.c -DSQLITE_THREADSAFE=1 -DSQLITE_OMIT_LOAD_EXTENSION
}

# files_of DIR PATTERN [NOT...]: names within DIR.
files_of() {
	local dir=$1 pattern=$2 name
	shift 2
	(
		cd "$dir" || exit
		for name in $pattern; do
			[[ " $* " == *" $name "* ]] || printf '%s ' "$name"
		done
	)
}

# shellcheck disable=SC2154 # cmocka_flags is of sources.sh
make_small() {
	local s=$work
	cp -r "$s"/libuv1/include/* "$dir/include/"
	archive "$dir/lib/libuv.a" "$s/libuv1" "$(files_of "$s/libuv1" 'src/*.c') $(printf 'src/unix/%s.c ' async core dl fs getaddrinfo getnameinfo \
		loop-watcher loop pipe poll process random-devurandom signal stream tcp thread tty udp proctitle linux-core linux-inotify linux-syscalls \
		procfs-exepath random-getrandom random-sysctl-linux epoll)" -Iinclude -Isrc -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64
	cp "$s/libyaml/include/yaml.h" "$dir/include/"
	archive "$dir/lib/libyaml.a" "$s/libyaml/src" 'api.c reader.c scanner.c parser.c loader.c writer.c emitter.c dumper.c' -I../include \
		-DYAML_VERSION_STRING='"0.2.5"' -DYAML_VERSION_MAJOR=0 -DYAML_VERSION_MINOR=2 -DYAML_VERSION_PATCH=5
	sed -e 's/@json_inline@/inline/; s/@json_have_long_long@/1/; s/@json_have_localeconv@/1/; s/@json_have_atomic_builtins@/1/; s/@json_have_sync_builtins@/1/' \
		"$s/jansson/src/jansson_config.h.in" >"$dir/include/jansson_config.h"
	cp "$s/jansson/src/jansson.h" "$dir/include/"
	: >"$s/jansson/src/jansson_private_config.h" # all by -D
	archive "$dir/lib/libjansson.a" "$s/jansson/src" 'dump.c error.c hashtable.c hashtable_seed.c load.c memory.c pack_unpack.c strbuffer.c strconv.c utf.c value.c version.c' \
		-I. -DHAVE_STDINT_H -DHAVE_UNISTD_H -DHAVE_SYS_TYPES_H -DHAVE_FCNTL_H -DHAVE_SYS_TIME_H -DHAVE_LOCALE_H -DHAVE_STRTOLL -DHAVE_GETTIMEOFDAY \
		-DHAVE_GETPID -DHAVE_OPEN -DHAVE_READ -DHAVE_CLOSE -DHAVE_SCHED_YIELD -DHAVE_SYNC_BUILTINS -DHAVE_ATOMIC_BUILTINS -DUSE_URANDOM -DINITIALIZE_SEED
	cp "$s"/lua5.4/src/{lua,luaconf,lualib,lauxlib}.h "$dir/include/"
	archive "$dir/lib/liblua5.4.a" "$s/lua5.4/src" "$(files_of "$s/lua5.4/src" 'l*.c' lua.c luac.c)" -DLUA_USE_POSIX
	cp "$s"/nanopb/pb*.h "$dir/include/"
	archive "$dir/lib/libprotobuf-nanopb.a" "$s/nanopb" 'pb_common.c pb_decode.c pb_encode.c'
	cp "$s/libgpiod/include/gpiod.h" "$dir/include/"
	archive "$dir/lib/libgpiod.a" "$s/libgpiod/lib" "$(files_of "$s/libgpiod/lib" '*.c')" -I../include -D_GNU_SOURCE -include libgen.h -DGPIOD_VERSION_STR='"1.6.3"'
	cp -r "$s/i2c-tools/include/i2c" "$dir/include/"
	archive "$dir/lib/libi2c.a" "$s/i2c-tools/lib" smbus.c -I../include
	cp "$s"/cmocka/include/cmocka*.h "$dir/include/"
	archive "$dir/lib/libcmocka.a" "$s/cmocka" src/cmocka.c "${cmocka_flags[@]}"
}

# What the licences ask for: the texts come with the libraries.
keep_licences() {
	local source file
	for source in "$work"/*/; do
		for file in "$source"{COPYRIGHT,COPYING*,LICENSE*,License*,src/lua.h}; do
			[[ -f $file ]] || continue
			install -D -m 644 "$file" "$dir/usr/share/doc/$(basename "$source")/${file##*/}"
		done
	done
}

make_no_paho() {
	{
		printf '#include <stdio.h>\n#include <stdlib.h>\n'
		grep -ohE '\bMQTT(Async|Propert(y|ies)|ReasonCode)_[A-Za-z0-9]+\(' "$dir"/include/MQTT{Async,Properties,ReasonCodes}.h | sort -u | while read -r name; do
			# shellcheck disable=SC2016
			printf 'void %s); void %s) { puts("no MQTT client in this build: PAHO_SRC="); exit(77); }\n' "${name}void" "${name}void"
		done
	} >"$work/no_paho.c"
	archive "$dir/lib/libno-paho.a" "$work" no_paho.c
}

make_paho() {
	cd "$paho/src"
	cp MQTT*.h "$dir/include/"
	sed 's/@[A-Z_]*@/unknown/' VersionInfo.h.in >"$work/VersionInfo.h"
	archive "$dir/lib/libpaho-mqtt3as.a" . "$(files_of . '*.c' MQTTVersion.c MQTTClient.c)" -I. -I"$work" -DOPENSSL \
		-D_GNU_SOURCE -DPAHO_MQTT_EXPORTS=1
}

# part NAME: make_NAME, with its output in a log that is shown when it fails.
part() {
	local rc
	set +e
	(
		set -e
		"make_$1"
	) >"$work/$1.log" 2>&1
	rc=$?
	set -e
	((rc == 0)) || { echo "$1 for i586 is not built:" && tail -n 20 "$work/$1.log" && exit 1; }
}

exec 9>"$dir.lock"
flock 9
recipe=$(cat "$here"/{i586-sysroot,sources}.sh | cksum)
if [[ $(cat "$dir/done" 2>/dev/null) != "$recipe" ]]; then
	make_c_library
	parts=()
	for name in sqlite openssl small no_paho; do # SQLite is one long file
		part $name &
		parts+=($!)
	done
	for name in "${parts[@]}"; do
		wait "$name"
	done
	keep_licences
	rm -rf "$work"
	echo "$recipe" >"$dir/done"
fi
[[ -z $paho ]] || paho_sum=$(cat "$paho"/src/*.[ch] | cksum)
if [[ -n $paho && $(cat "$dir/paho" 2>/dev/null) != "$paho $paho_sum" ]]; then
	mkdir -p "$work"
	# shellcheck source=/dev/null
	. "$here/sources.sh"
	part paho
	rm -rf "$work"
	echo "$paho $paho_sum" >"$dir/paho"
fi

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `. environment-setup-...; make`, as with an SDK of Yocto or of Buildroot: sdk.sh SYSROOT OUT EMULATOR... makes such environments of the
# sysroot of aarch64, builds both programs into OUT with each, and runs them. The variables are those of the two SDKs' own scripts. Theirs
# come with a compiler that knows no other directories; that of Debian must be told so.
set -euo pipefail
cd "$(dirname "$0")/../.."
sysroot=$(realpath "${1:?sysroot}") out=$(realpath -m "${2:?where to}")
shift 2
triplet=aarch64-linux-gnu
lib=$sysroot/usr/lib/$triplet
only="-nostdinc -isystem $($triplet-gcc -print-file-name=include) -isystem $sysroot/usr/include/$triplet -isystem $sysroot/usr/include -B$lib -L$lib"
rm -rf "$out"
mkdir -p "$out/bin"

# meta/classes-recipe/toolchain-scripts.bbclass: the compiler is several words, pkg-config is led by variables, and LD has flags.
cat >"$out/environment-setup-cortexa53-poky-linux" <<SCRIPT
unset LD_LIBRARY_PATH
export SDKTARGETSYSROOT=$sysroot
export PKG_CONFIG_SYSROOT_DIR=\$SDKTARGETSYSROOT
export PKG_CONFIG_PATH=$lib/pkgconfig:\$SDKTARGETSYSROOT/usr/share/pkgconfig
export PKG_CONFIG_LIBDIR=\$PKG_CONFIG_PATH
export CC="$triplet-gcc -mcpu=cortex-a53 -march=armv8-a+crc -mbranch-protection=standard -fstack-protector-strong -O2 -D_FORTIFY_SOURCE=2 -Wformat -Wformat-security -Werror=format-security --sysroot=\$SDKTARGETSYSROOT $only"
export CXX="$triplet-g++ --sysroot=\$SDKTARGETSYSROOT" CPP="$triplet-gcc -E --sysroot=\$SDKTARGETSYSROOT"
export AS="$triplet-as" LD="$triplet-ld --sysroot=\$SDKTARGETSYSROOT" STRIP=$triplet-strip RANLIB=$triplet-ranlib
export OBJCOPY=$triplet-objcopy OBJDUMP=$triplet-objdump READELF=$triplet-readelf AR=$triplet-ar NM=$triplet-nm M4=m4
export TARGET_PREFIX=$triplet- CONFIGURE_FLAGS="--target=$triplet --host=$triplet --build=x86_64-linux --with-libtool-sysroot=\$SDKTARGETSYSROOT"
export CFLAGS=" -O2 -pipe -g -feliminate-unused-debug-types " CXXFLAGS=" -O2 -pipe -g "
export LDFLAGS="-Wl,-O1 -Wl,--hash-style=gnu -Wl,--as-needed -Wl,-z,relro,-z,now" CPPFLAGS="" KCFLAGS="--sysroot=\$SDKTARGETSYSROOT"
export OECORE_TARGET_ARCH=aarch64 ARCH=arm64 CROSS_COMPILE=$triplet-
SCRIPT
# Buildroot's output/host/environment-setup: tools of its own names in its own bin, first in PATH; pkg-config is a script that knows the rest.
cat >"$out/bin/pkg-config" <<SCRIPT
#!/bin/sh
PKG_CONFIG_SYSROOT_DIR=$sysroot PKG_CONFIG_LIBDIR=$lib/pkgconfig:$sysroot/usr/share/pkgconfig exec $(command -v pkg-config) "\$@"
SCRIPT
printf '#!/bin/sh\nexec %s --sysroot=%s %s "$@"\n' "$(command -v $triplet-gcc)" "$sysroot" "$only" >"$out/bin/aarch64-buildroot-linux-gnu-gcc"
printf '#!/bin/sh\nexec %s "$@"\n' "$(command -v $triplet-ar)" >"$out/bin/aarch64-buildroot-linux-gnu-ar"
chmod +x "$out"/bin/*
cat >"$out/environment-setup" <<SCRIPT
export PATH="$out/bin:\$PATH"
export AR=aarch64-buildroot-linux-gnu-ar CC=aarch64-buildroot-linux-gnu-gcc CFLAGS=-O2 LDFLAGS= STRIP=$triplet-strip
export CROSS_COMPILE=aarch64-buildroot-linux-gnu- ARCH=arm64 PKG_CONFIG=pkg-config STAGING_DIR=$sysroot
export CONFIGURE_FLAGS="--target=aarch64-buildroot-linux-gnu --host=aarch64-buildroot-linux-gnu --build=x86_64-pc-linux-gnu"
SCRIPT

unset MAKELEVEL MAKEFLAGS MFLAGS CC CFLAGS CROSS SUITE SYSROOT BUILD
for setup in "$out"/environment-setup*; do
	build=$out/build-${setup##*/}
	# shellcheck source=/dev/null
	(. "$setup" && make --no-print-directory -s -j"$(nproc)" BUILD="$build" all) >"$out/log" 2>&1 ||
		{ echo "FAILED: make with ${setup##*/}:" && tail -n 20 "$out/log" && exit 1; }
	for program in runnel runnel-collector; do
		$triplet-readelf -h "$build/$program" | grep -q 'Machine:.*AArch64' || { echo "FAILED: $program is for something else" && exit 1; }
		"$@" "$build/$program" --version
	done
done

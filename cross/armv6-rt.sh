#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the linker puts into every ARMv6 program with hardware floating point, in a directory: armv6-rt.sh SUITE DIR.
#
# Debian's armhf start files, libgcc.a, libc_nonshared.a and libprotobuf-nanopb.a are ARMv7 Thumb-2, which a first Raspberry Pi or a Zero
# cannot run. Those of armel are ARMv5TE. They differ in how floating-point arguments are passed, which matters to none of them: the
# helpers of libgcc (__aeabi_*) use the base standard in either, and the others pass no floating point. So they are linked, without the
# note (.ARM.attributes) that makes ld refuse.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
suite=${1:?suite} dir=$(realpath -m "${2:?where to}")
[[ ! -e $dir/done ]] || exit 0

source=$dir.armel
"$here/sysroot.sh" "$suite" armel "$source" libc6-dev libnanopb-dev
rm -rf "$dir"
mkdir -p "$dir"
lib=$source/usr/lib/arm-linux-gnueabi
files=("$lib"/{crt1,Scrt1,crti,crtn}.o "$lib"/libc_nonshared.a "$(find "$source" -name libprotobuf-nanopb.a)")
for name in crtbegin.o crtbeginS.o crtend.o crtendS.o libgcc.a; do
	files+=("$(arm-linux-gnueabi-gcc -print-file-name="$name")")
done
for file in "${files[@]}"; do
	arm-linux-gnueabi-objcopy -R .ARM.attributes "$file" "$dir/${file##*/}"
done
# Debian's libc.so names libc_nonshared.a by its full path.
cat >"$dir/libc.so" <<SCRIPT
OUTPUT_FORMAT(elf32-littlearm)
GROUP(libc.so.6 $dir/libc_nonshared.a AS_NEEDED(ld-linux-armhf.so.3))
SCRIPT
rm -rf "$source"
touch "$dir/done"

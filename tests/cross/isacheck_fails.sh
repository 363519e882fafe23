#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# cross/isacheck.sh must find each instruction that a processor has not, one by one, and nothing in what it has.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# verdict ISA TOOLS EXPECTED TEXT FLAG...: of an object made from lines of assembler.
verdict() {
	local isa=$1 tools=$2 expected=$3 text=$4 said=found
	shift 4
	printf '.text\nours:\n%b\n' "$text" >"$work/a.s"
	"$tools-gcc" "$@" -c -o "$work/a.o" "$work/a.s"
	cross/isacheck.sh "$isa" "$tools-objdump" "$work/a.o" >"$work/said" && said=nothing
	if [[ $said == "$expected" ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED   $isa: $said in '$text'" && cat "$work/said"
	fi
}

if command -v i686-linux-gnu-gcc >/dev/null; then
	for line in 'cmovne %eax, %ebx' 'fcmove %st(1), %st' 'fcomi %st(1), %st' 'movd %eax, %mm0' 'paddb %mm1, %mm2' emms 'movss %xmm0, %xmm1' \
		'pxor %xmm2, %xmm2' 'vaddpd %ymm0, %ymm1, %ymm2' 'lock xaddl %eax, (%ebx)' 'lock incl (%eax)' 'lock; cmpxchg8b (%esi)' sysenter mfence \
		'prefetcht0 (%eax)' 'nopl (%eax)' 'nopw 0(%eax,%eax,1)' endbr32 'movnti %eax, (%ebx)' 'popcnt %eax, %ebx'; do
		verdict i586 i686-linux-gnu found "$line"
	done
	for line in 'cmpxchg8b (%esi)' 'xaddl %eax, (%ebx)' 'xchgl %eax, (%ebx)' 'fcompp' 'fsqrt' 'bswap %eax' 'rdtsc' 'cpuid' 'rep movsl'; do
		verdict i586 i686-linux-gnu nothing "$line"
	done
	verdict i586 i686-linux-gnu nothing 'lock incl (%eax)' -Wa,-momit-lock-prefix=yes
fi
if command -v arm-linux-gnueabihf-gcc >/dev/null; then
	arm=(armv6 arm-linux-gnueabihf)
	for line in 'movw r0, #1000' 'movt r0, #1' dmb 'isb sy' 'ubfx r0, r1, #1, #2' 'bfc r0, #1, #2' 'rbit r0, r1' 'mls r0, r1, r2, r3' \
		'udiv r0, r1, r2' 'sdivne r0, r1, r2' 'ldaex r0, [r1]' 'crc32b r0, r1, r2' 'vadd.i32 d0, d1, d2' 'vadd.f32 q0, q1, q2' 'vld1.8 {d0}, [r0]' \
		'vfma.f64 d0, d1, d2' 'vmov.f64 d0, #1.0' 'vadd.f64 d16, d1, d2' 'vldr d31, [r0]' '.thumb\n.syntax unified\nldr.w r0, [r1]' '.thumb\ncbz r0, 1f\nnop\n1:' \
		'.thumb\n.syntax unified\nit ne\nmovne r0, #1' 'pldw [r0]'; do
		verdict "${arm[@]}" found ".arm\n.fpu neon-fp-armv8\n$line" -march=armv8-a+crc
	done
	for line in 'ldrexd r0, r1, [r2]' 'rev r0, r1' 'mul r0, r1, r2' 'vadd.f64 d0, d1, d15' 'vcvt.f64.s32 d0, s3' 'vcmp.f64 d0, #0.0' 'mcr p15, 0, r0, c7, c10, 5' \
		'blt ours' 'movls r0, #1' 'bl ours' '.thumb\n.syntax unified\nadds r0, r1'; do
		verdict "${arm[@]}" nothing ".arm\n$line" -march=armv6k -mfpu=vfp
	done
fi
((passed > 0)) || { echo 'skipped: no cross compiler here' && exit 77; }
printf '%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Proves that machine code needs no more than its processor has: isacheck.sh armv6|i586 OBJDUMP FILE... Each file is a program, an object or
# an archive. Prints what does not belong there, with its place, and fails. tests/cross/isacheck_fails.sh proves that it can.
#
# It looks at instructions, not at files' own notes about themselves. In a program, by name, but in no archive or object, is left out what its
# library runs only where the processor says that it has more (libatomic's *_i1, libgcc's unwinder, OpenSSL's assembler for Arm), and OpenSSL's assembler for
# i586, which was built to use none of it: tables in its text would be read as instructions. And libgcc's count of zeros, which is TZCNT where the
# processor knows it and BSF, the same for what is not zero, where it does not.
set -euo pipefail
isa=${1:?armv6 or i586} objdump=${2:?objdump}
shift 2
libraries='libat_[a-z0-9_]*_i[0-9]|__gnu_Unwind_(Save|Restore)_(VFP_D_16_to_31|WMM.*)'
case $isa in
armv6)
	# What ARMv6 lacks: movw, movt, barriers, bit fields, division, exclusive and ordered accesses of ARMv8, NEON, fused multiply-add; of
	# Thumb all that has 4 bytes but calls, and what came with Thumb-2. VFPv2 has 16 double registers, no quad ones and no constants.
	forbidden='movw|movt|dmb|dsb|isb|[us]bfx|bf[ic]|rbit|mls|[us]div|lda|ldab|ldah|ldaex[bhd]?|stl|stlb|stlh|stlex[bhd]?|pli|pldw|sevl|crc32.*|v?aes.*|sha[0-9].*'
	forbidden+='|vf[mn][as].*|vfnm.*|vdup.*|vld[1-4].*|vst[1-4].*|vrint.*|vsel.*|v[a-z]+[.]([iusp](8|16|64)|[iu]32)|cbn?z|it[te]*|tb[bh]'
	libraries+='|.*(aes|AES|sha(1|256|512)|gcm_|bn_mul|bn_GF2m|poly1305|[Cc]ha[Cc]ha|ChaCha|ecp_nistz|OPENSSL|_armv[78]).*|K(256|512).*'
	;;
i586)
	# Conditional moves, MMX, SSE, fast system calls, hints that were undefined, and the LOCK prefix.
	forbidden='cmov[a-z]+|fcmov[a-z]+|fu?comip?|emms|lock|sysenter|syscall|[lms]fence|prefetch[a-z0-9]*|nop[wl]|endbr32|movnti|popcnt|[lt]zcnt|movbe|rdtscp|fxsave|fxrstor|ud[01]'
	libraries+='|__ctz[sd]i2|.*(AES_|aesni|Camellia|DES_|des_|sha(1|256|512)|gcm_|bn_|RC4|rc4|whirlpool|poly1305|[Cc]ha[Cc]ha|ChaCha|ecp_nistz|OPENSSL|ghash|md5|ripemd|vpaes|padlock).*'
	;;
*)
	echo "isacheck: armv6 or i586, not '$isa'" >&2
	exit 64
	;;
esac

check() {
	awk -F'\t' -v isa="$isa" -v forbidden="^($forbidden)$" -v foreign="^<($foreign)>:$" '
		# "addl $1,(%eax)" of a prefix on a line of its own: the name is the first word.
		function is_bad(raw, name, operands,   stem) {
			stem = name
			if (isa == "i586")
				return name ~ forbidden || (name " " operands) ~ /%[xyz]?mm[0-7]|(^|[ ;])lock /
			if (raw ~ /^[0-9a-f][0-9a-f][0-9a-f][0-9a-f] [0-9a-f]/ && name !~ /^blx?$/)
				return 1
			if (name ~ /^[vf]/ && name !~ /^vcmp/ && operands ~ /(^|[^a-z])q[0-9]|(^|[^a-z])d(1[6-9]|2[0-9]|3[01])|^[sd][0-9]+, #/)
				return 1
			sub(/(eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|al)$/, "", stem) # the condition
			return name ~ forbidden || stem ~ forbidden
		}
		/^[0-9a-f]+ <.*>:$/ { where = $0; sub(/^[0-9a-f]+ /, "", where); next }
		/^ *[0-9a-f]+:\t/ {
			n++
			name = $3
			sub(/ .*/, "", name)
			operands = $3
			if (!sub(/^[^ ]+ +/, "", operands)) operands = $4
			if (is_bad($2, name, operands) && where !~ foreign && ++offences <= 5)
				printf "  %s %s %s\n", where, $3, $4
		}
		END {
			if (n == 0) { print "  no instruction at all"; exit 1 }
			printf "  %d instructions, %d that %s has not\n", n, offences, isa
			exit offences > 0
		}'
}

failed=0
for file in "$@"; do
	foreign=none
	[[ $file == *.[ao] ]] || foreign=$libraries
	if report=$("$objdump" -d -w "$file" | check); then
		echo "ok       $file"
	else
		echo "FAILED   $file"
		failed=1
	fi
	printf '%s\n' "$report"
done
exit $failed

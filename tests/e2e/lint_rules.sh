#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each rule of `make lint` passes on a small clean tree and fails, naming the file, after one violation is put in.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
unset BUILD MAKEFLAGS
failures=0
header='/* SPDX-License-Identifier: Apache-2.0 */'

clean_tree() {
	rm -rf "${tree:?}"/*
	mkdir -p "$tree"/{base,drivers,pipelines,agent,collector,systemd,tests}
	cp Makefile .clang-format "$tree"
	cp pipelines/runnel.* "$tree/pipelines"
	cp tests/lint.sh tests/lint.awk "$tree/tests"
	printf '%s\nint half_of(int x);\n' "$header" >"$tree/base/half.h"
	printf '%s\n#include "base/half.h"\n\nint half_of(int x)\n{\n\treturn x / 2;\n}\n' "$header" >"$tree/base/half.c"
	# shellcheck disable=SC2016
	printf '#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\necho "$1"\n' >"$tree/tests/good.sh"
	cp systemd/runnel-clock.service "$tree/systemd/good.service" # wants nothing that is not in the tree
}

lint() {
	log=$("$tree/tests/lint.sh" "$1" 2>&1)
}

# must_fail RULE FILE TEXT: puts TEXT, with escapes, into FILE of a clean tree; RULE must fail and name FILE.
must_fail() {
	local rule=$1 file=$2 rc
	clean_tree
	printf '%b' "$3" >"$tree/$file"
	tried+=" $rule "
	lint "$rule"
	rc=$?
	[[ $rc != 77 ]] || return # no tool for it here
	if [[ $rc == 0 || $log != *"$file"* ]]; then
		printf 'rule %s let this pass in %s (status %d):\n%s\n' "$rule" "$file" "$rc" "$log"
		failures=$((failures + 1))
	fi
}

# c_fails RULE FILE CODE: the same for C with its first line in place.
c_fails() {
	must_fail "$1" "$2" "$header\n$3"
}

repeat() {
	local i
	for ((i = 0; i < $1; i++)); do
		printf '%s' "$2"
	done
}

clean_tree
for rule in $(tests/lint.sh --list); do
	lint "$rule"
	rc=$?
	[[ $rc == 0 || $rc == 77 ]] || { printf 'rule %s fails on a clean tree:\n%s\n' "$rule" "$log" && failures=$((failures + 1)); }
done

tried=''
f='int f(int a);\n\nint f(int a)\n{\n'
c_fails format agent/x.c 'int  f( void );\n'
c_fails cppcheck agent/x.c "${f}\tint b[2] = { 0 };\n\n\treturn b[a > 0 ? 5 : 6];\n}\n"
c_fails analyzer agent/x.c '#include <stdlib.h>\n\nvoid f(char *p);\n\nvoid f(char *p)\n{\n\tfree(p);\n\tfree(p);\n}\n'
c_fails analyzer agent/x.c "${f}\tint unused;\n\n\treturn a;\n}\n"
must_fail shellcheck tests/x.sh "#!/bin/sh\necho \$1\n"
must_fail units systemd/x.service '[Service]\nExecStart=/usr/bin/runnel\nRestart=sometimes\n'
must_fail units systemd/x.service '[Service]\nExecStart=/usr/bin/runnel\nRestart=no\n'
must_fail spdx agent/x.h 'int f(void);\n'
must_fail spdx tests/x.sh 'echo 1\n'
c_fails layers base/x.c '#include "drivers/sensor.h"\n'
c_fails layers drivers/x.c '#include "pipelines/op.h"\n'
c_fails layers pipelines/x.c '#include "drivers/sensor.h"\n'
c_fails layers pipelines/x.c '#include "base/loop.h"\n'
c_fails layers drivers/x.c '#include "agent/conf.h"\n'
c_fails layers agent/x.c '#include "collector/store.h"\n'
c_fails layers agent/x.c '#include "x.h"\n'
c_fails libraries agent/x.c '#include <uv.h>\n'
c_fails libraries pipelines/x.c '#include "pipelines/runnel.pb.h"\n'
c_fails libraries base/x.c '#include <curl/curl.h>\n'
c_fails includes base/half.c '#include <stdio.h>\n\n#include "base/half.h"\n'
c_fails includes agent/x.c '#include <string.h>\n#include <stdio.h>\n'
c_fails includes agent/x.c '#include "base/half.h"\n\n#include <stdio.h>\n'
c_fails banned agent/x.c "${f}\tstrcpy(g, h); /* not in a comment: strcpy() */\n}\n"
c_fails banned agent/x.c "${f}\treturn atoi (g);\n}\n"
c_fails banned agent/x.c 'typedef int number;\n'
c_fails banned agent/x.c 'static long double x;\n'
c_fails length agent/x.c "${f}$(repeat 61 '\ta++;\n')}\n"
c_fails length agent/x.h "$(repeat 401 '\n')"
c_fails complexity agent/x.c "${f}$(repeat 12 '\tif (a)\n\t\ta++;\n')}\n"
c_fails complexity agent/x.c "${f}\treturn $(repeat 12 'a && ')a;\n}\n"
c_fails complexity agent/x.c 'void f(int a, int b, int c, int d, int e, int g, int h)\n{\n}\n'
c_fails words agent/x.c "/* TO""DO: later */\n"
must_fail exceptions tests/lint.exceptions 'banned agent/none.c nothing needs this\n'
must_fail exceptions tests/lint.exceptions 'banned agent/none.c\n'

# What comments, strings and longer names hold is not a violation; an exception lifts one.
clean_tree
printf '%s\n/* strcpy() is\n * not used: sprintf() */\nstatic const char *const a = "gets(x) /* ";\nint my_gets(void); // atoi(x)\n' \
	"$header" >"$tree/agent/x.c"
lint banned || { printf 'banned names in comments and strings are reported:\n%s\n' "$log" && failures=$((failures + 1)); }
printf '%s\ntypedef int number;\n' "$header" >"$tree/agent/x.c"
echo 'banned agent/x.c the test wants it' >"$tree/tests/lint.exceptions"
{ lint banned && lint exceptions; } || { printf 'the exception does not lift:\n%s\n' "$log" && failures=$((failures + 1)); }

for rule in $(tests/lint.sh --list); do
	[[ $tried == *" $rule "* ]] || { echo "rule $rule was not tried" && failures=$((failures + 1)); }
done
exit $((failures > 0))

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# docs/add-a-driver.md and docs/add-an-operator.md are true: their files and lines go into a copy of the tree, which is built and tested by
# the commands on the pages, without a warning.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip 'no python3'

tree=$work/tree
mkdir "$tree"
cp -r Makefile base drivers pipelines agent collector tests docs "$tree"
cat >"$work/take.py" <<'EOF_PY'
import pathlib, re, sys
tree, commands = pathlib.Path(sys.argv[1]), open(sys.argv[2], "w")
for page in ("add-a-driver", "add-an-operator"):
    for how, what, text in re.findall(r"^```(?:c|sh) (file=|after=|example)(\S*)\n(.*?)^```", (tree / "docs" / (page + ".md")).read_text(), re.M | re.S):
        if how == "file=":
            assert not (tree / what).exists(), what + " is there already"
            (tree / what).write_text(text)
        elif how == "after=":
            path, row = what.split(":", 1)
            lines = (tree / path).read_text().splitlines(keepends=True)
            last = max(i for i, line in enumerate(lines) if row in line)
            (tree / path).write_text("".join(lines[:last + 1]) + text + "".join(lines[last + 1:]))
        else:
            commands.write(text)
EOF_PY
python3 "$work/take.py" "$tree" "$work/commands"
(($(wc -l <"$work/commands") == 11)) || fail "$(wc -l <"$work/commands") commands on the pages"

# Plain code is quick to build, and enough here.
MAKEFLAGS=-j$(nproc)
export MAKEFLAGS DEPS=0 CFLAGS=-O0 WERROR=1
unset BUILD SAN
(cd "$tree" && bash -ex "$work/commands") >"$work/build.log" 2>&1 || { tail -n 40 "$work/build.log" && fail 'the examples do not build, or not pass'; }
has "$work/build.log" '^tmp1075' || fail 'runnel drivers does not know tmp1075'
has "$work/build.log" 'y(t) = max(x, y(t0) - fall \* (t - t0))' || fail 'runnel operators does not know peak_hold'
has "$tree/docs/configure.md" 'TMP1075' || fail 'make docs does not know tmp1075'
has "$tree/docs/configure.md" 'peak_hold' || fail 'make docs does not know peak_hold'
if command -v clang-format >/dev/null && [[ -f .clang-format ]]; then
	cp .clang-format "$tree"
	(cd "$tree" && clang-format --dry-run -Werror drivers/tmp1075.c tests/*tmp1075.c pipelines/op_peak_hold.c tests/test_op_peak_hold.c) ||
		fail 'the examples are not formatted'
fi

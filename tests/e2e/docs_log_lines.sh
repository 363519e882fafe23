#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# docs/operate.md explains every line that may stand in the log, and none that may not. A line of the page has a word in capitals,
# or …, where the code has a conversion; they are the same to this test.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v python3 >/dev/null || { echo 'no python3' && exit 77; }

python3 - docs/operate.md base agent collector <<'EOF'
import glob, re, sys

CALL = re.compile(r'\blog_(?:error|warning|notice|info)\(\s*((?:"(?:[^"\\]|\\.)*"\s*(?:PRI\w+\s*)?)+)')


def plain(text):
    """Whatever stands for something else becomes a *, and several at once one."""
    text = re.sub(r'%[-+ 0#]*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:hh|h|ll|l|z|j|t)?[a-zA-Z]', "*", text)
    text = re.sub(r"\b[A-Z]+\b|…", "*", text)
    return re.sub(r"[*]+", "*", text)


told, page = {}, open(sys.argv[1]).read().split("## Log lines")[1]
for directory in sys.argv[2:]:
    for path in sorted(glob.glob(directory + "/*.c")):
        for m in CALL.finditer(open(path).read()):
            words = re.sub(r'"\s*PRI\w+\s*"?', "u", m.group(1))
            words = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', words if words.endswith('"') else words + '"'))
            if re.search(r"[a-z]{2}", plain(words)):  # the reason alone: it is the callee's
                told[plain(words)] = path
known = {plain(m.group(2)) for m in re.finditer(r"^\| (`+) ?(.*?) ?\1 \|", page, re.M)}
missing = {w for w in told if w not in known}
for words in sorted(missing):
    print(f"{told[words]}: docs/operate.md does not explain: {words}")
old = {w for w in known if w not in told}
for words in sorted(old):
    print(f"docs/operate.md explains a line that nobody writes: {words}")
print(f"{len(told)} lines")
sys.exit(bool(missing or old))
EOF

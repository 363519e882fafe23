#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# runnel.yaml(5), out of what the program tells of the config: from_reference.sh PROGRAM [EMULATOR...]
# It is docs/configure.md in another form, by the same tables: an option that is new is in both. Of Markdown it knows what stands there.
set -euo pipefail
program=${1:?program}
run=("${@:2}" "$program")

date=''
[[ -z ${SOURCE_DATE_EPOCH:-} ]] || date=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)
printf '.TH RUNNEL.YAML 5 "%s" "%s" "runnel"\n' "$date" "$("${run[@]}" --version)"
printf '.SH NAME\nrunnel.yaml \\- configuration of the agent runnel\n.SH DESCRIPTION\n'
"${run[@]}" schema --markdown | awk '
	# What means something to roff, then what Markdown has within a line.
	function roff(s) {
		gsub(/\\/, "\\e", s)
		gsub(/-/, "\\-", s)
		while (match(s, /\[[^]]*\]\([^)]*\)/)) {
			shown = link = substr(s, RSTART, RLENGTH)
			sub(/^\[/, "", shown)
			sub(/\]\(.*/, "", shown)
			s = substr(s, 1, RSTART - 1) shown substr(s, RSTART + RLENGTH)
		}
		s = pairs(s, "`", "\\fB")
		s = pairs(s, "**", "\\fB")
		gsub(/\*required\*/, "\\fIrequired\\fR", s)
		return guard(s)
	}
	function pairs(s, mark, font, at, out, is_open) {
		while ((at = index(s, mark)) > 0) {
			out = out substr(s, 1, at - 1) (is_open ? "\\fR" : font)
			s = substr(s, at + length(mark))
			is_open = !is_open
		}
		return out s
	}
	function guard(s) {
		return s ~ /^[.'"'"']/ ? "\\&" s : s
	}
	function heading(macro, s) {
		gsub(/-/, "\\-", s)
		print macro " " s
	}
	function cells(s, out, n, i) {
		gsub(/\\\|/, "\001", s)
		n = split(s, out, /\|/)
		for (i = 1; i < n; i++) {
			out[i] = out[i + 1]
			gsub(/^ +| +$/, "", out[i])
			gsub(/\001/, "|", out[i])
		}
		return n - 2
	}
	# The first cell is what is explained; that below "what", or the second, explains it, and the others belong to it.
	function row(s, n, i, what, between) {
		n = cells(s, cell)
		for (i = what = 2; i <= n; i++)
			if (head[i] ~ /^what/)
				what = i
		for (i = 2; i <= n; i++)
			if (i != what && cell[i] != "")
				between = between (between == "" ? "" : "; ") (head[i] == "accepts" || cell[i] == "*required*" ? "" : head[i] " ") cell[i]
		between = cell[what] == "" ? between : between == "" ? "" : " (" between ")"
		printf ".TP\n%s\n%s\n", roff(cell[1]), roff(cell[what] between)
	}
	/^```/ {
		is_code = !is_code
		print is_code ? ".PP\n.in +4n\n.EX" : ".EE\n.in"
		next
	}
	is_code {
		gsub(/\\/, "\\e")
		gsub(/-/, "\\-")
		print guard($0)
		next
	}
	/^<!--/ || /^# / { next }
	/^## / { heading(".SH", substr($0, 4)); next }
	/^### / { heading(".SS", substr($0, 5)); next }
	/^\|[-|]*$/ { next }
	/^\|/ {
		if (!in_table) {
			split("", head)
			cells($0, head)
		} else
			row($0)
		in_table = 1
		next
	}
	{ in_table = 0 }
	/^- [a-z]+: / {
		name = $2
		sub(/^- [a-z]+: /, "")
		printf ".TP\n\\fI%s\\fR\n%s\n", name, roff($0)
		next
	}
	/^$/ { is_new = 1; next }
	{
		if (is_new)
			print ".PP"
		is_new = 0
		print roff($0)
	}'
printf '.SH FILES\n.I /etc/runnel/runnel.yaml\n.SH SEE ALSO\n.BR runnel (1)\n'

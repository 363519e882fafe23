#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `make install` puts what it should where it should, under any PREFIX; man pages and completion name every command and option that there
# is; `make sbom` names every library that is loaded.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
build=$(realpath -m "${RUNNEL_BUILD:-build}")

# The programs as they are: nothing is compiled, whatever has been touched since.
prefix=/opt/edge
cp "$build/runnel" "$build/runnel-collector" "$work/"
make_quietly() {
	env -u MAKEFLAGS -u MAKELEVEL -u SAN -u WERROR "${MAKE:-make}" DEPS=0 BUILD="$work" -o all -o "$work/runnel" -o "$work/runnel-collector" "$@" \
		>"$work/make.log" 2>&1 || { cat "$work/make.log" && exit 1; }
}
make_quietly install DESTDIR="$work/root" PREFIX=$prefix

cat >"$work/expected" <<EOF_LIST
644 /etc/runnel/runnel.yaml
755 $prefix/bin/runnel
755 $prefix/bin/runnel-collector
644 $prefix/lib/systemd/system/runnel-clock.service
644 $prefix/lib/systemd/system/runnel-collector.service
644 $prefix/lib/systemd/system/runnel.service
644 $prefix/lib/sysusers.d/runnel.conf
644 $prefix/lib/tmpfiles.d/runnel.conf
644 $prefix/lib/udev/rules.d/60-runnel.rules
644 $prefix/share/bash-completion/completions/runnel
644 $prefix/share/bash-completion/completions/runnel-collector
644 $prefix/share/fish/vendor_completions.d/runnel-collector.fish
644 $prefix/share/fish/vendor_completions.d/runnel.fish
644 $prefix/share/man/man1/runnel-collector.1
644 $prefix/share/man/man1/runnel.1
644 $prefix/share/man/man5/runnel.yaml.5
644 $prefix/share/zsh/vendor-completions/_runnel
644 $prefix/share/zsh/vendor-completions/_runnel-collector
EOF_LIST
(cd "$work/root" && find . -type f -printf '%m %P\n' | sed 's| | /|' | LC_ALL=C sort -k 2) >"$work/got"
diff -u "$work/expected" "$work/got" || fail 'not what should be installed'
share=$work/root$prefix/share
grep -h '^ExecStart=' "$work/root$prefix"/lib/systemd/system/*.service | grep -v "^ExecStart=$prefix/bin/runnel" && fail 'a unit that starts another program'
"$work/root$prefix/bin/runnel" check "$work/root/etc/runnel/runnel.yaml" >"$work/check.log" 2>&1 || fail "the config that is installed: $(cat "$work/check.log")"

# A config that is there is the user's.
echo '# mine' >"$work/root/etc/runnel/runnel.yaml"
make_quietly install DESTDIR="$work/root" PREFIX=$prefix
has "$work/root/etc/runnel/runnel.yaml" '^# mine$' || fail 'a config that was there is gone'
grep -q runnel.service <(cd "$work/root" && find . -name 'runnel*.service') || fail 'no units the second time'

# --- every command and option, in each form ---
for program in runnel runnel-collector; do
	"$build/$program" --help | sed -nE 's/^  ([a-z-]+)  +.*$/\1/p' >"$work/commands"
	[[ -s $work/commands ]] || fail "$program tells no commands"
	while read -r command; do
		# shellcheck source=/dev/null
		source "$share/bash-completion/completions/$program"
		COMP_WORDS=("$program" "") COMP_CWORD=1 COMPREPLY=()
		"_${program//-/_}"
		[[ " ${COMPREPLY[*]} " == *" $command "* ]] || fail "bash does not complete $program $command"
		COMP_WORDS=("$program" "$command" --) COMP_CWORD=2 COMPREPLY=()
		"_${program//-/_}"
		completed=" ${COMPREPLY[*]} "
		for option in $("$build/$program" "$command" --help | grep -oE '(^ +|, |   +)--[a-z][a-z-]*' | grep -oE -- '--[a-z-]+' | sort -u); do
			[[ $completed == *" $option "* ]] || fail "bash does not complete $program $command $option"
			has "$share/zsh/vendor-completions/_$program" "'$option\[" || fail "zsh does not complete $program $command $option"
			has "$share/fish/vendor_completions.d/$program.fish" "from $command' -l ${option#--} " || fail "fish does not complete $program $command $option"
			grep -qF -e "${option//-/\\-}" "$share/man/man1/$program.1" || fail "$program(1) has no $command $option"
		done
		grep -qxF -e ".SS ${program//-/\\-} ${command//-/\\-}" "$share/man/man1/$program.1" || fail "$program(1) has no $command"
	done <"$work/commands"
	[[ ! -x /usr/bin/zsh ]] || zsh -n "$share/zsh/vendor-completions/_$program" || fail "zsh cannot read the completion of $program"
	[[ ! -x /usr/bin/fish ]] || fish --no-execute "$share/fish/vendor_completions.d/$program.fish" || fail "fish cannot read the completion of $program"
done
if command -v man >/dev/null; then
	for page in "$share"/man/man?/*; do
		for width in 80 110; do
			complaints=$(LC_ALL=C.UTF-8 MANWIDTH=$width man --warnings -l "$page" 2>&1 >/dev/null)
			[[ -z $complaints ]] || fail "${page##*/}: $complaints"
		done
	done
	# What docs/configure.md has in the first column of its tables, in the page in bold: all of it, in its order; and its headings.
	LC_ALL=C.UTF-8 MANWIDTH=120 man -l -Tutf8 "$share/man/man5/runnel.yaml.5" | col -b >"$work/page.txt"
	(($(wc -l <"$work/page.txt") > 2000)) || fail 'runnel.yaml(5) is short'
	! grep -nE '`|\*\*|\]\(|^ *\|' "$work/page.txt" || fail 'Markdown is left in runnel.yaml(5)'
	# shellcheck disable=SC2016 # backquotes of Markdown
	sed -nE 's/^\| `([^`]*)` \|.*/\1/p; s/^###? //p' docs/configure.md >"$work/of_docs"
	sed -nE '/^\.TP/{n; s/^\\fB(.*)\\fR$/\1/p}; s/^\.S[HS] //p' "$share/man/man5/runnel.yaml.5" | sed 's/\\-/-/g; s/\\e/\\/g' >"$work/of_page"
	(($(wc -l <"$work/of_docs") > 500)) || fail 'docs/configure.md is short'
	sed -i -E '1,2d; /^(FILES|SEE ALSO)$/d; /^[a-z]+\\fR/d' "$work/of_page"
	diff -u "$work/of_docs" "$work/of_page" >"$work/options.diff" || fail "runnel.yaml(5) is not docs/configure.md: $(head -n 20 "$work/options.diff")"
fi
COMP_WORDS=(runnel drivers bme2) COMP_CWORD=2 COMPREPLY=()
_runnel
[[ " ${COMPREPLY[*]} " == ' bme280 ' ]] || fail "bash completes 'runnel drivers bme2' to: ${COMPREPLY[*]}"

# --- what is inside ---
if command -v jq >/dev/null && command -v dpkg-query >/dev/null && command -v readelf >/dev/null; then
	make_quietly sbom
	jq -e '.bomFormat == "CycloneDX" and (.metadata.component.components | length) == 2' "$work/runnel.cdx.json" >/dev/null || fail 'no bill of materials'
	for package in libc6 libuv1 libpaho-mqtt1.3 libsqlite3-0; do
		jq -e --arg p $package '.components[] | select(.name == $p and .version != "")' "$work/runnel.cdx.json" >/dev/null || fail "no $package in the bill of materials"
	done
fi

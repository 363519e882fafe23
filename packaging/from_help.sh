#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Man pages and shell completion, out of what the programs tell of themselves: from_help.sh man|bash|zsh|fish PROGRAM [EMULATOR...]
# So there is one place that says what commands and options there are, and nothing can lag behind it.
set -euo pipefail
form=${1:?man, bash, zsh or fish} program=${2:?program}
name=${program##*/}
run=("${@:3}" "$program")

# "COMMAND<tab>what it does", one a line.
commands() {
	"${run[@]}" --help | sed -nE 's/^  ([a-z-]+)  +(.*)$/\1\t\2/p'
}

# options COMMAND: "NAME<tab>ARGUMENT or -<tab>what it does"; two may share a line.
options() {
	"${run[@]}" "$1" --help | awk '
		/^Exit/ { exit }
		/^ +(-[a-z], )?--[a-z]/ {
			line = $0
			# One begins the line, or stands apart.
			while (match(line, /(^ +|, |   +)--[a-z][a-z-]*( [A-Z][A-Z.a-z]*)?/)) {
				found = substr(line, RSTART, RLENGTH)
				sub(/.*--/, "", found)
				split(found, part, " ")
				rest = substr(line, RSTART + RLENGTH)
				said = rest
				sub(/   +--.*/, "", said)
				sub(/^ +/, "", said)
				print part[1] "\t" (part[2] == "" ? "-" : part[2]) "\t" said
				part[2] = ""
				line = rest
			}
		}
		END { print "help\t-\twhat this command does" }'
}

# What may stand behind COMMAND: the names that it lists.
names() {
	case $name-$1 in
	runnel-drivers | runnel-operators) "${run[@]}" "$1" | sed -n 's/^\([a-z][a-z0-9_-]*\)  .*/\1/p' ;;
	esac
}

# Backslash and a dot or an apostrophe at the start of a line mean something to roff.
roff() {
	sed -e 's/\\/\\e/g' -e "s/^[.']/\\\\\&&/" -e 's/-/\\-/g'
}

make_man() {
	local command what date
	date=$(date -u -d "@${SOURCE_DATE_EPOCH:-0}" +%Y-%m-%d)
	[[ -n ${SOURCE_DATE_EPOCH:-} ]] || date=''
	printf '.TH %s 1 "%s" "%s" "runnel"\n' "$(tr '[:lower:]' '[:upper:]' <<<"$name" | roff)" "$date" "$("${run[@]}" --version)"
	printf '.SH NAME\n%s \\- %s\n' "$(roff <<<"$name")" "$(case $name in
		runnel) echo 'sensor readings to exact, mergeable aggregates' ;;
		*) echo 'merges the aggregates of a fleet of boards into KPIs' ;;
		esac)"
	printf '.SH SYNOPSIS\n.B %s\n.I COMMAND\n.RI [ OPTION ...]\n' "$(roff <<<"$name")"
	printf '.SH COMMANDS\n'
	while IFS=$'\t' read -r command what; do
		printf '.TP\n.B %s\n%s\n' "$(roff <<<"$command")" "$(roff <<<"$what")"
	done < <(commands)
	while IFS=$'\t' read -r command what; do
		printf '.SS %s %s\n.nf\n' "$(roff <<<"$name")" "$(roff <<<"$command")"
		"${run[@]}" "$command" --help | roff
		printf '.fi\n'
	done < <(commands)
	printf '.SH FILES\n'
	case $name in
	runnel)
		printf '.TP\n.I /etc/runnel/runnel.yaml\nthe configuration: what to measure, and whom to tell\n'
		printf '.TP\n.I /var/lib/runnel/spool.db\nwhat is not yet delivered\n'
		printf '.TP\n.I /etc/credstore/runnel.password\nand\n.IR runnel.ca ,\n.IR runnel.cert ,\n.IR runnel.key :\nsecrets, which the service finds in /run/credentials/runnel.service/\n'
		;;
	*) printf '.TP\n.I /etc/runnel/collector.env\nBROKER=URL and OPTIONS=... of the service\n' ;;
	esac
	printf '.SH SEE ALSO\n'
	case $name in
	runnel) printf '.BR runnel\\-collector (1),\n.BR runnel.yaml (5),\n' ;;
	*) printf '.BR runnel (1),\n' ;;
	esac
	printf '.BR systemd.unit (5),\n.BR mosquitto (8)\n'
}

make_bash() {
	local command what option argument words values list function=_${name//-/_}
	printf '# %s: completion for bash\n%s() {\n' "$name" "$function"
	# shellcheck disable=SC2016 # the text of another script
	printf '\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n\tif ((COMP_CWORD == 1)); then\n'
	# shellcheck disable=SC2016
	printf '\t\tmapfile -t COMPREPLY < <(compgen -W "%s" -- "$word")\n\t\treturn\n\tfi\n\tcase ${COMP_WORDS[1]} in\n' \
		"$(commands | cut -f 1 | tr '\n' ' ')--help --version"
	while IFS=$'\t' read -r command what; do
		words='' values=''
		while IFS=$'\t' read -r option argument what; do
			words+=" --$option"
			case $argument in
			- | FILE* | CSV | SVG | DIR) ;;
			*) values+="|--$option" ;;
			esac
		done < <(options "$command")
		printf '\t%s)\n' "$command"
		# shellcheck disable=SC2016
		[[ -z $values ]] || printf '\t\t[[ $before != @(%s) ]] || return\n' "${values#|}"
		# shellcheck disable=SC2016
		printf '\t\tif [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W "%s" -- "$word"); fi\n' "${words# }"
		list=$(names "$command" | tr '\n' ' ')
		# shellcheck disable=SC2016
		[[ -z $list ]] || printf '\t\t[[ $word == -* ]] || mapfile -t COMPREPLY < <(compgen -W "%s" -- "$word")\n' "${list% }"
		printf '\t\t;;\n'
	done < <(commands)
	printf '\tesac\n}\ncomplete -o default -F %s %s\n' "$function" "$name"
}

make_zsh() {
	local command what option argument quoted list
	printf '#compdef %s\n# %s: completion for zsh\nlocal -a commands\ncommands=(\n' "$name" "$name"
	while IFS=$'\t' read -r command what; do
		printf "\t'%s:%s'\n" "$command" "${what//\'/}"
	done < <(commands)
	# shellcheck disable=SC2016
	printf ')\nif ((CURRENT == 2)); then\n\t_describe command commands\n\treturn\nfi\ncase $words[2] in\n'
	while IFS=$'\t' read -r command what; do
		printf '%s)\n\t_arguments' "$command"
		while IFS=$'\t' read -r option argument what; do
			quoted=${what//[\'\[\]:]/}
			printf " \\\\\n\t\t'--%s[%s]%s'" "$option" "$quoted" "$([[ $argument == - ]] || echo ":${argument,,}:_files")"
		done < <(options "$command")
		list=$(names "$command" | tr '\n' ' ')
		printf " \\\\\n\t\t'*:%s'\n\t;;\n" "$([[ -n $list ]] && echo "name:(${list% })" || echo file:_files)"
	done < <(commands)
	printf 'esac\n'
}

make_fish() {
	local command what option argument list
	printf '# %s: completion for fish\n' "$name"
	while IFS=$'\t' read -r command what; do
		printf "complete -c %s -n __fish_use_subcommand -f -a %s -d '%s'\n" "$name" "$command" "${what//\'/}"
		list=$(names "$command" | tr '\n' ' ')
		[[ -z $list ]] || printf "complete -c %s -n '__fish_seen_subcommand_from %s' -f -a '%s'\n" "$name" "$command" "${list% }"
		while IFS=$'\t' read -r option argument what; do
			printf "complete -c %s -n '__fish_seen_subcommand_from %s' -l %s%s -d '%s'\n" "$name" "$command" "$option" \
				"$([[ $argument == - ]] || echo ' -r')" "${what//\'/}"
		done < <(options "$command")
	done < <(commands)
}

case $form in
man | bash | zsh | fish) "make_$form" ;;
*)
	echo "from_help.sh: man, bash, zsh or fish, not '$form'" >&2
	exit 64
	;;
esac

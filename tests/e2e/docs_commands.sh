#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What README.md and docs/*.md tell people to type is run here, as it stands but for the names of brokers and places; what cannot be is
# listed with the reason, and so is every line of a block that is no command. Also: configs on the pages and parts of configs are good,
# commands, `make` targets and tests in the text exist, links lead somewhere.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
need_broker
for tool in python3 minisign openssl; do
	command -v $tool >/dev/null || skip "no $tool"
done

cat >"$work/take.py" <<'EOF_PY'
import pathlib, re, sys
root, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
commands, others, words, broken, n = open(out / "commands", "w"), open(out / "others", "w"), set(), [], 0
tools = r"(?:sudo|make|export|runnel|runnel-collector|mosquitto_pub|mosquitto_sub|journalctl|echo|minisign|openssl|psql|scp|ssh|\.|\w+=\$\(\w+|build/\S+|tests/\S+)"
for page in [root / "README.md"] + sorted(root.glob("docs/*.md")):
    text = page.read_text()
    for kind, block in re.findall(r"^```(\S*).*?\n(.*?)^```", text, re.M | re.S):
        if kind == "yaml" and re.search(r"^sensors:", block, re.M):
            n += 1
            (out / f"page-{page.stem}-{n}.yaml").write_text(block)
        elif kind == "yaml" and page.name != "configure.md":
            n += 1
            least = "streams: {t: {from: a.value}}\n" + "sensors: {a: {driver: sim}}\n" * ("sensors:" not in block)
            (out / f"page-{page.stem}-{n}.yaml").write_text(block + least)
        if page.name == "README.md" and kind == "yaml":
            (out / "my.yaml").write_text(block)
    plain = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    # Blocks that are indented or have no language; what draws or lists is no command.
    blocks = [block for kind, block in re.findall(r"^```(.*?)\n(.*?)^```", text, re.M | re.S) if kind == ""]
    for line in re.findall(r"^    (\S.*)", plain, re.M) + "".join(blocks).splitlines():
        if re.match(rf"(?:{tools}) ", line):
            commands.write(f"{page.name}\t{re.sub(r' {2,}#.*| +# .*', '', line)}\n")
        elif page.name != "architecture.md" and not re.match(r"[\u2500-\u259f{\[\"]|(SELECT|FROM) ", line):
            others.write(f"{page.name}\t{line}\n")
    for test in re.findall(r"`(?:python3 )?(tests/[a-z0-9_/.-]+\.(?:sh|py|c))", plain):
        if not (root / test).exists():
            broken.append(f"{page.name}: {test}")
    for part in re.findall(r"`tests/bench\.sh ([a-z]+)", plain):
        if not (root / "tests/bench" / (part + ".sh")).exists():
            broken.append(f"{page.name}: tests/bench.sh {part}")
    words.update(re.findall(rf"`((?:runnel|runnel-collector|make) [a-z-]+)", plain))
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", plain):
        if not (page.parent / link).exists():
            broken.append(f"{page.name}: {link}")
(out / "words").write_text("".join(w + "\n" for w in sorted(words)))
(out / "links").write_text("".join(b + "\n" for b in broken))
EOF_PY
python3 "$work/take.py" "$root" "$work"
[[ ! -s $work/links ]] || fail "links that lead nowhere: $(cat "$work/links")"

# --- configs ---
pages=("$work"/page-*.yaml)
echo time,temperature,litres >"$work/readings.csv"
sed -i "s|readings.csv|$work/readings.csv|" "${pages[@]}"
"$runnel" check "${pages[@]}" >"$work/check.log" 2>&1 || fail "configs on the pages: $(grep -v ': good' "$work/check.log" | head -n 10)"

# --- words ---
while read -r program word; do
	case "$program $word" in
	make*) grep -q "^$word:\|[ :]$word\b.*:" Makefile || fail "no 'make $word'" ;;
	*) "${runnel%/*}/$program" "$word" --help >/dev/null 2>&1 || fail "no '$program $word'" ;;
	esac
done <"$work/words"

# --- commands ---
make_broker 'allow_anonymous true'
start_broker
sed -i "s|broker.example:1883|127.0.0.1:$port|; s|/var/lib/runnel|$work|" "$work/my.yaml"
sed -n '/^window/,$p' "$work/my.yaml" >"$work/measures.yaml"
(cd "$work" && minisign -G -W -p ops.pub -s ops.key >/dev/null)
sed -i "1i clock: {trust: always}\nlabels: {line: a}\nremote_config: {keys: [$work/ops.pub]}" "$work/my.yaml"
cp "$work/my.yaml" "$work/ops.yaml"
awk 'BEGIN { print "time,air.value,air.temperature,air.humidity"; for (t = 0; t <= 10800; t += 5) printf "%d,%.2f,%.2f,60\n", 1763697600 + t, 20 + t % 700 / 60, 20 + t % 700 / 60 }' \
	>"$work/recording.csv"
cut -d , -f 1,2 "$work/recording.csv" >"$work/value.csv"
ln -s "$root/docs" "$work/docs"
PATH=$(realpath -m "${RUNNEL_BUILD:-build}"):$PATH
export PATH
start_agent agent "$work/my.yaml"
wait_for 10 'the agent' has "$work/agent.log" 'connected'

# as_it_stands SECONDS COMMAND: with our broker and files; what does not end by itself gets SIGTERM, and must then end with 0. In the foreground,
# for else timeout(1) sends it a second time, to its group, and what is about to end dies of that one.
as_it_stands() {
	local line=$2
	line=${line//broker.example:1883/127.0.0.1:$port}
	line=${line//\/etc\/runnel\/runnel.yaml/my.yaml}
	line=${line//--http 8080/--http 0}
	line=${line//SITE\/DEVICE/delft/nobody}
	line=${line//mosquitto_pub/mosquitto_pub -h 127.0.0.1 -p $port}
	[[ $line != *my.yaml*recording.csv* ]] || line=${line//recording.csv/value.csv}
	(cd "$work" && timeout --foreground --preserve-status -s TERM "$1" bash -c "exec $line") >"$work/command.out" 2>"$work/command.log" </dev/null ||
		fail "'$line': exit status $?: $(tail -n 3 "$work/command.log")"
	ran=$((ran + 1))
}

# Once, each of its own: another has the boards' keys, another file is signed each time.
revision=0
push() {
	revision=$((revision + 1))
	{ echo "revision: $revision" && cat "$work/measures.yaml"; } >"$work/next.yaml"
	as_it_stands 60 "$1"
}

ran=0 exempt=0
while IFS=$'\t' read -r page line; do
	case $line in
	'runnel scan --write my.yaml')
		as_it_stands 20 'runnel scan --write scanned.yaml'
		[[ -s $work/scanned.yaml ]] || fail "'$line' wrote nothing"
		;;
	'runnel read '*) as_it_stands 20 "$line" ;;
	'runnel run '*--print) as_it_stands 3 "$line" ;;
	'runnel run -c my.yaml') ran=$((ran + 1)) ;; # it runs since before
	'runnel check '* | 'runnel status '* | 'runnel replay '* | 'runnel explain '*)
		as_it_stands 30 "$line"
		[[ -s $work/command.out || -s $work/command.log || $line == *--plot* ]] || fail "'$line' says nothing"
		;;
	'runnel-collector run '*) as_it_stands 3 "$line" ;;
	'runnel-collector query '*) exempt=$((exempt + 1)) ;;       # tests/e2e/collector_query.sh, with a store of its own
	'runnel-collector export '*) exempt=$((exempt + 1)) ;;      # tests/e2e/sql_merge.sh, likewise
	'runnel-collector top'*) exempt=$((exempt + 1)) ;;          # tests/e2e/fleet_view.sh, against a collector that runs
	'runnel provision '*)
		mkdir -p "$work/boot"
		echo 'a secret' >"$work/password.txt"
		head -c 1000 /dev/zero | tee "$work/runnel_0.1.0~deb12_arm64.deb" >"$work/runnel_0.1.0~deb12_armhf.deb"
		as_it_stands 20 "${line//\/media\/you\/bootfs/boot}"
		[[ -s $work/boot/runnel-setup.sh && -s $work/boot/user-data ]] || fail "'$line' wrote nothing"
		;;
	'mosquitto_pub '*) as_it_stands 10 "$line" ;;
	'minisign -G '*) as_it_stands 20 "${line/-G/-G -W -f}" ;;     # which asks for no password
	'openssl req -x509 '*) as_it_stands 20 "$line -passout pass:secret" ;;
	'openssl req '*) as_it_stands 20 "$line" ;;
	'openssl x509 '*)
		as_it_stands 20 "$line -passin pass:secret"
		openssl verify -CAfile "$work/ca.pem" "$work/device.pem" >/dev/null 2>&1 || fail 'the certificates on the page are not good'
		;;
	'runnel push '*--canary*) exempt=$((exempt + 1)) ;;         # tests/e2e/push_command.sh: it waits for windows before and after
	'runnel push '*--diff*) as_it_stands 20 "$line" ;;
	'runnel push '*--rollback*) as_it_stands 60 "$line --yes" ;;
	'runnel push '*) push "$line" ;;
	# Exempt: each with its reason.
	'make demo') exempt=$((exempt + 1)) ;;                      # tests/e2e/whole_path.sh runs the same script
	'make check') exempt=$((exempt + 1)) ;;                     # this is part of it
	'make && build/runnel demo') exempt=$((exempt + 1)) ;;      # tests/e2e/demo_command.sh
	'export PATH='*) exempt=$((exempt + 1)) ;;   # done above
	'make deb' | 'tests/deps.sh '*) exempt=$((exempt + 1)) ;;   # tests/package.sh makes and installs packages
	'make CROSS='*) exempt=$((exempt + 1)) ;;                   # tests/run.sh makes the programs; their packages take minutes: tests/package_twice.sh, by hand
	'make install '*) exempt=$((exempt + 1)) ;;                 # tests/e2e/install.sh
	'psql '* | 'change='* | 'id='*) exempt=$((exempt + 1)) ;;   # tests/e2e/sql_merge.sh, with a server of its own
	'. '*) exempt=$((exempt + 1)) ;;                            # needs a Yocto SDK
	'scp '* | 'ssh '*) exempt=$((exempt + 1)) ;;                # need a board
	'sudo runnel '*)
		read -r _ _ word _ <<<"$line"
		"$runnel" "$word" --help >/dev/null || fail "$page: no 'runnel $word'"
		exempt=$((exempt + 1))
		;;
	sudo*) exempt=$((exempt + 1)) ;;                            # would change this machine: tests/package.sh; tests/lint.sh verifies the units
	journalctl*) exempt=$((exempt + 1)) ;;                      # needs systemd
	# What performance.md tells is `make bench`.
	*) [[ $page == performance.md ]] || fail "$page: nobody runs '$line': add it to ${0##*/}, or say why not" ;;
	esac
done <"$work/commands"
# What stands in a block and is no command.
while IFS=$'\t' read -r page line; do
	case $page-$line in
	README.md-*/' '* | 'README.md-base <- '*) ;;                # where is what
	drivers.md-dtoverlay=*) ;;                                  # of the firmware
	fleet-view.md-location*) ;;                                 # of nginx
	hand-on.md-scrape_configs:) ;;                              # tests/e2e/prometheus.sh reads what it would
	hand-on.md-mqtt:*home_assistant*) ;;                        # tests/e2e/home_assistant.sh
	hand-on.md-rows=* | hand-on.md-rows' '* | hand-on.md-wide*) ;; # pandas; tests/e2e/sql_merge.sh reads the same file with Python
	install.md-IPAddress*) ;;                                   # of systemd
	operate.md-*) ;;                                            # what `runnel status` says
	*) fail "$page: what is '$line'? A command is run or exempt, what is none is named here" ;;
	esac
done <"$work/others"
((ran >= 25)) || fail "only $ran commands ran"
end agent
expect_status 0 'the agent'
echo "$ran commands ran, $exempt are exempt, ${#pages[@]} configs are good"

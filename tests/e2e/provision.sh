#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `runnel provision`: the boot partition of a card with cloud-init and of one without, what its script makes of a board's file system, and
# what cannot be. tests/package.sh goes on from there, in a Debian.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip 'no python3'

config=$work/board.yaml package=$work/runnel_1.0~deb13_arm64.deb
cp packaging/runnel.yaml "$config"
head -c 100000 /dev/urandom >"$package"
printf 'a secret\n' >"$work/password"
printf 'key\n' >"$work/ops.pub"
provision() { "$runnel" provision -c "$config" "$@" >"$work/provision.out" 2>"$work/provision.log"; }

# --- an image with cloud-init ---
mkdir "$work/cloud" "$work/board"
provision --boot "$work/cloud" --hostname greenhouse-07 --package "$package" --secret "password=$work/password" \
	--file "/etc/runnel/ops.pub=$work/ops.pub" || fail "cloud: $(cat "$work/provision.log")"
python3 - "$work/cloud" <<'EOF_PY' || fail 'the user-data is none'
import pathlib, sys, yaml
boot = pathlib.Path(sys.argv[1])
text = (boot / "user-data").read_text()
assert text.startswith("#cloud-config\n"), text
data = yaml.safe_load(text)
assert data["hostname"] == "greenhouse-07" and data["runcmd"][0][:2] == ["sh", "-c"] and "runnel-setup.sh" in data["runcmd"][0][2], data
assert yaml.safe_load((boot / "meta-data").read_text()) == {"instance-id": "runnel"}
EOF_PY
[[ ! -e $work/cloud/firstrun.sh ]] || fail 'firstrun.sh beside cloud-init'
RUNNEL_ROOT=$work/board sh "$work/cloud/runnel-setup.sh" || fail 'the script fails'
(cd "$work/board" && find . -type f -printf '%m %P\n' | LC_ALL=C sort -k 2) >"$work/got"
diff -u - "$work/got" <<'EOF_LIST' || fail 'not what a board should get'
600 etc/credstore/runnel.password
644 etc/hostname
644 etc/runnel/ops.pub
644 etc/runnel/runnel.yaml
644 etc/systemd/system/runnel-setup.service
755 var/lib/runnel-setup/install
644 var/lib/runnel-setup/runnel_1.0~deb13_arm64.deb
EOF_LIST
cmp "$config" "$work/board/etc/runnel/runnel.yaml" || fail 'another config'
cmp "$work/password" "$work/board/etc/credstore/runnel.password" || fail 'another secret'
cmp "$package" "$work/board/var/lib/runnel-setup/${package##*/}" || fail 'another package'
[[ $(<"$work/board/etc/hostname") == greenhouse-07 ]] || fail 'another name'
[[ -e $work/board/etc/systemd/system/multi-user.target.wants/runnel-setup.service ]] || fail 'nothing installs the package'
[[ ! -e $work/cloud/runnel-setup.sh && ! -e $work/cloud/${package##*/} ]] || fail 'secrets stay on the card'
grep -rq 'a secret' "$work/cloud" && fail 'a secret stays on the card'
sh -n "$work/board/var/lib/runnel-setup/install" || fail 'what installs is no script'

# Once more is no harm; what others have written is theirs.
provision --boot "$work/cloud" --hostname b || fail 'not a second time'
printf '#cloud-config\nusers: [pi]\n' >"$work/cloud/user-data"
status_of provision --boot "$work/cloud"
expect_status 74 'the user-data of another'
has "$work/provision.log" '--force replaces it' || fail 'it does not say how'
has "$work/cloud/user-data" 'users: \[pi\]' || fail 'the user-data of another is gone'
provision --boot "$work/cloud" --force || fail '--force'

# --- an image without ---
mkdir "$work/old" "$work/board2"
echo 'console=serial0,115200 root=PARTUUID=1-02 rootwait' >"$work/old/cmdline.txt"
provision --boot "$work/old" || fail "old: $(cat "$work/provision.log")"
provision --boot "$work/old" || fail 'old, twice'
[[ $(grep -o 'systemd.run=' "$work/old/cmdline.txt" | wc -l) == 1 && $(wc -l <"$work/old/cmdline.txt") == 1 ]] || fail "cmdline.txt: $(cat "$work/old/cmdline.txt")"
[[ ! -e $work/old/user-data ]] || fail 'user-data where nobody reads it'
sed "s|/boot/firmware /boot;|$work/old;|" "$work/old/firstrun.sh" >"$work/firstrun.sh"
cp "$work/firstrun.sh" "$work/old/firstrun.sh"
RUNNEL_ROOT=$work/board2 sh "$work/old/firstrun.sh" || fail 'firstrun.sh fails'
[[ $(<"$work/old/cmdline.txt") == 'console=serial0,115200 root=PARTUUID=1-02 rootwait' ]] || fail "cmdline.txt after the first start: $(cat "$work/old/cmdline.txt")"
cmp "$config" "$work/board2/etc/runnel/runnel.yaml" || fail 'no config without cloud-init'
[[ ! -e $work/old/firstrun.sh && ! -e $work/board2/etc/hostname ]] || fail 'too little or too much was done'

# --- what cannot be ---
wrong() { # STATUS WORDS OPTION...
	local expected=$1 words=$2
	shift 2
	status_of provision "$@"
	expect_status "$expected" "$*"
	has "$work/provision.log" "$words" || fail "'$*' says: $(cat "$work/provision.log")"
}
wrong 64 'boot are needed'
wrong 64 'no host name' --boot "$work/cloud" --hostname 'a b;reboot'
wrong 64 'takes password, ca' --boot "$work/cloud" --secret "pin=$work/password"
wrong 64 'absolute path' --boot "$work/cloud" --file "/etc/../x;=$work/password"
wrong 74 'No such file' --boot "$work/cloud" --secret "password=$work/nobody"
wrong 74 'No such file' --boot "$work/nowhere"
wrong 64 'is not called' --boot "$work/cloud" --package "$work/password"
echo 'windw: 1m' >>"$config"
wrong 78 'did you mean' --boot "$work/cloud"

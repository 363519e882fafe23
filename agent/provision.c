/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/provision.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"

#define MARK "# Made by runnel provision."
#define FIND_SCRIPT                                                                      \
	"for d in /boot/firmware /boot; do\n"                                            \
	"\t[ ! -f \"$d/runnel-setup.sh\" ] || { sh \"$d/runnel-setup.sh\" && break; }\n" \
	"done\n"

static const char first_run_arguments[] = " systemd.run=/boot/firmware/firstrun.sh systemd.run_success_action=reboot "
					  "systemd.unit=kernel-command-line.target";

static const char head[] =
	"#!/bin/sh\n" MARK " It has secrets in it, and removes itself.\n"
	"# RUNNEL_ROOT=DIR does all of it to a file system there, for tests.\n"
	"set -eu\n"
	"root=${RUNNEL_ROOT:-} here=$(cd \"$(dirname \"$0\")\" && pwd)\n"
	"umask 077\n"
	"# put PATH MODE: standard input, base64\n"
	"put() {\n"
	"\tmkdir -p \"$root${1%/*}\"\n"
	"\tbase64 -d >\"$root$1.new\"\n"
	"\tchmod \"$2\" \"$root$1.new\"\n"
	"\tmv \"$root$1.new\" \"$root$1\"\n"
	"}\n"
	"(umask 022 && mkdir -p \"$root/etc/systemd/system/multi-user.target.wants\" \"$root/etc/runnel\" "
	"\"$root/var/lib/runnel-setup\")\n";

/* The service goes on until the package is there; the config on the board is not the package's to replace. */
static const char tail[] =
	"for package in \"$here\"/runnel_*.deb; do\n"
	"\t[ ! -f \"$package\" ] || install -m 644 \"$package\" \"$root/var/lib/runnel-setup/\"\n"
	"done\n"
	"cat >\"$root/var/lib/runnel-setup/install\" <<'END'\n"
	"#!/bin/sh\n"
	"set -eu\n"
	"export DEBIAN_FRONTEND=noninteractive\n"
	"apt-get update || true\n"
	"set -- /var/lib/runnel-setup/runnel_*_$(dpkg --print-architecture).deb\n"
	"[ -f \"$1\" ] || set -- runnel\n"
	"apt-get -y -o Dpkg::Options::=--force-confold install \"$1\"\n"
	"systemctl enable runnel\n"
	"systemctl disable runnel-setup\n"
	"systemctl --no-block restart runnel || true\n"
	"rm -rf /var/lib/runnel-setup\n"
	"END\n"
	"chmod 755 \"$root/var/lib/runnel-setup/install\"\n"
	"cat >\"$root/etc/systemd/system/runnel-setup.service\" <<'END'\n"
	"[Unit]\n"
	"Description=runnel: installs its package, as soon as there is a network\n"
	"Wants=network-online.target\n"
	"After=network-online.target\n"
	"ConditionPathExists=/var/lib/runnel-setup/install\n"
	"[Service]\n"
	"Type=exec\n"
	"ExecStart=/var/lib/runnel-setup/install\n"
	"Restart=on-failure\n"
	"RestartSec=30\n"
	"[Install]\n"
	"WantedBy=multi-user.target\n"
	"END\n"
	"chmod 644 \"$root/etc/systemd/system/runnel-setup.service\"\n"
	"ln -sf ../runnel-setup.service \"$root/etc/systemd/system/multi-user.target.wants/\"\n"
	"rm -f \"$here/runnel-setup.sh\" \"$here\"/runnel_*.deb\n"
	"sync\n"
	"[ -n \"$root\" ] || { systemctl daemon-reload && systemctl --no-block start runnel-setup; } || true\n";

bool provision_is_host_name(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

	return n > 0 && n < 64 && name[n] == '\0' && name[0] != '-' && name[n - 1] != '-';
}

bool provision_is_path(const char *path)
{
	size_t n = strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/");

	return n > 1 && n < 256 && path[n] == '\0' && path[0] == '/' && path[n - 1] != '/' && !strstr(path, "..");
}

/* base64(1) -d wants no line longer than it likes; 76 is what it makes itself. */
static int add_file(const struct provision_file *f, struct dynbuf *out)
{
	size_t n = (f->bytes + 2) / 3 * 4;
	char *text = malloc(n + 1);

	if (!text)
		return -ENOMEM;
	base64_encode(f->data, f->bytes, text);
	dynbuf_addf(out, "put %s %s <<'END'\n", f->to, f->is_secret ? "600" : "644");
	for (size_t i = 0; i < n; i += 76) {
		dynbuf_add(out, text + i, n - i < 76 ? n - i : 76);
		dynbuf_adds(out, "\n");
	}
	dynbuf_adds(out, "END\n");
	free(text);
	return 0;
}

int provision_script(const struct provision *p, struct dynbuf *out)
{
	int r = 0;

	dynbuf_adds(out, head);
	for (size_t i = 0; r == 0 && i < p->n_files; i++)
		r = add_file(&p->files[i], out);
	if (p->host_name) {
		dynbuf_addf(out, "(umask 022 && echo %s >\"$root/etc/hostname\")\n", p->host_name);
		dynbuf_addf(out,
			    "sed -i 's/^127\\.0\\.1\\.1.*/127.0.1.1 %s/' \"$root/etc/hosts\" 2>/dev/null || true\n",
			    p->host_name);
		dynbuf_addf(out, "[ -n \"$root\" ] || hostname %s || true\n", p->host_name);
	}
	dynbuf_adds(out, tail);
	return r == 0 && out->overflow ? -EMSGSIZE : r;
}

void provision_user_data(const struct provision *p, struct dynbuf *out)
{
	dynbuf_adds(out, "#cloud-config\n" MARK "\n");
	if (p->host_name)
		dynbuf_addf(out, "hostname: %s\n", p->host_name);
	dynbuf_adds(out, "runcmd:\n  - [sh, -c, 'for d in /boot/firmware /boot; do [ ! -f $d/runnel-setup.sh ] || "
			 "{ sh $d/runnel-setup.sh && break; }; done']\n");
}

void provision_first_run(struct dynbuf *out)
{
	dynbuf_adds(out, "#!/bin/sh\n" MARK "\nset -u\n" FIND_SCRIPT "for d in /boot/firmware /boot; do\n"
			 "\t[ ! -f \"$d/cmdline.txt\" ] || sed -i 's| systemd\\.run.*||' \"$d/cmdline.txt\"\n"
			 "\trm -f \"$d/firstrun.sh\"\n"
			 "done\n"
			 "exit 0\n");
}

void provision_command_line(const char *was, struct dynbuf *out)
{
	size_t n = strlen(was);

	while (n > 0 && isspace((unsigned char)was[n - 1]))
		n--;
	dynbuf_add(out, was, n);
	if (!strstr(was, "systemd.run="))
		dynbuf_adds(out, first_run_arguments);
	dynbuf_adds(out, "\n");
}

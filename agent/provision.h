/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provision.h - files for the boot partition of a card, by which a board becomes an agent when it starts for the first time.
 *
 * One script does it, runnel-setup.sh: it has the config and the secrets in it, puts them in their places, installs the package that lies
 * beside it, and goes away. What starts it is small: cloud-init's user-data, or firstrun.sh and the kernel's command line where an
 * image has no cloud-init. The package needs a network, which may come late, so the script leaves that to a service that tries on.
 */
#ifndef RUNNEL_AGENT_PROVISION_H
#define RUNNEL_AGENT_PROVISION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"
#include "base/dynbuf.h"

enum { PROVISION_MAX_FILES = 16, PROVISION_SCRIPT_MAX_BYTES = 4 * 1024 * 1024 };

struct provision_file {
	const char *to; /* on the board: absolute */
	bool is_secret; /* for root alone; else for the agent, too */
	const void *data;
	size_t bytes;
};

struct provision {
	const char *host_name; /* NULL: what the image says */
	struct provision_file files[PROVISION_MAX_FILES];
	size_t n_files;
};

/** Letters, digits and hyphens, as host names are. */
bool provision_is_host_name(const char *name);

/** A path that may stand in a script as it is: absolute, without "..", of letters, digits and _ . - / */
bool provision_is_path(const char *path);

/** runnel-setup.sh. @return 0, -ENOMEM or -EMSGSIZE */
NODISCARD int provision_script(const struct provision *p, struct dynbuf *out);

/** user-data of cloud-init, and firstrun.sh, which undoes its line in cmdline.txt. */
void provision_user_data(const struct provision *p, struct dynbuf *out);
void provision_first_run(struct dynbuf *out);

/** The command line of the kernel with what starts firstrun.sh; as it was when it is there already. */
void provision_command_line(const char *was, struct dynbuf *out);

#endif

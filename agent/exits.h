/* SPDX-License-Identifier: Apache-2.0 */
/* exits.h - exit codes, those of sysexits(3) where it has one. systemd does not restart after EXIT_CONFIG. */
#ifndef RUNNEL_AGENT_EXITS_H
#define RUNNEL_AGENT_EXITS_H

enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 64,
	EXIT_UNAVAILABLE = 69, /* broker or device */
	EXIT_IO = 74,
	EXIT_RESTART = 75, /* it was asked to start again, which systemd does after a failure */
	EXIT_CONFIG = 78,
};

#endif

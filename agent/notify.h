/* SPDX-License-Identifier: Apache-2.0 */
/* notify.h - tells systemd how the service is doing: sd_notify(3) without the library, one datagram. */
#ifndef RUNNEL_AGENT_NOTIFY_H
#define RUNNEL_AGENT_NOTIFY_H

/** "READY=1", "STOPPING=1", "STATUS=...". Nothing happens when the program is not run by systemd. */
void notify_send(const char *state);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * boot.h - the number of this start, part of the key of every partial: it must never be used twice by a device.
 * Kept in a small file beside the spool, replaced atomically and synced before the first message can carry it.
 */
#ifndef RUNNEL_AGENT_BOOT_H
#define RUNNEL_AGENT_BOOT_H

#include <stdint.h>

/**
 * The number after the one stored in "@spool_path.boot". Without a stored one, it begins at @now_us in units of 64 s since the
 * epoch: above whatever a lost file could have counted to. When the file can not be written, Unix seconds are the
 * number, so that a restart still differs, and *@error (static text, else NULL) says why.
 */
uint32_t boot_take(const char *spool_path, int64_t now_us, const char **error);

#endif

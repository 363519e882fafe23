/* SPDX-License-Identifier: Apache-2.0 */
/*
 * boot.h - the number of this start, part of the key of every partial: it must never be used twice by a device.
 * Kept in a small file beside the spool, replaced atomically and synced before the first message can carry it.
 */
#ifndef RUNNEL_AGENT_BOOT_H
#define RUNNEL_AGENT_BOOT_H

#include <stdint.h>

/**
 * Unix seconds, or the number after the one stored in "@spool_path.boot" if that is higher: it also grows when the clock is
 * wrong, when starts follow each other closely, when the file was lost, and from starts that could not write it to those that
 * can. A collector takes the highest number for the boot that runs. It is above @after too: what the spool's file remembers, so
 * that both must be lost before a number could come again. With both lost and a clock that nobody has ever set, it is drawn from half a year, so
 * that two such starts are unlikely to meet. When the file can not be written, *@error (static text, else NULL) says why.
 */
uint32_t boot_take(const char *spool_path, uint32_t after, int64_t now_us, const char **error);

#endif

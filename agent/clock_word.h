/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock_word.h - word of the kernel's clock, passed on in a file, to a program that may not ask: systemd's ProtectClock= forbids to read
 * adjtimex(2) as well as to set it. `runnel clock --tell FILE` asks in its place (systemd/runnel-clock.service).
 *
 * The word is the offset of the wall clock from CLOCK_BOOTTIME at which the kernel said that the time is right. It holds for that offset
 * alone: somebody who sets the clock by hand makes the word void at that instant, not when it is next renewed.
 */
#ifndef RUNNEL_AGENT_CLOCK_WORD_H
#define RUNNEL_AGENT_CLOCK_WORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"

/** In the environment: the file. */
#define CLOCK_WORD_VARIABLE "RUNNEL_CLOCK_FILE"

/** Wall minus CLOCK_BOOTTIME, now. */
int64_t clock_word_offset_us(void);

/** Is there a word in @path, and does it hold for @offset_us? NULL, no file and a torn one: no */
bool clock_word_holds(const char *path, int64_t offset_us);

/** The clock is right at @offset_us. @return 0 or negative errno */
NODISCARD int clock_word_give(const char *path, int64_t offset_us);

/** It is not known to be right any more. @return 0, also when there was none, or negative errno */
NODISCARD int clock_word_take_back(const char *path);

#endif

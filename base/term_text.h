/* SPDX-License-Identifier: Apache-2.0 */
/* term_text.h - what a terminal makes of bytes. Part of term.c. */
#ifndef RUNNEL_BASE_TERM_TEXT_H
#define RUNNEL_BASE_TERM_TEXT_H

#include <stddef.h>

#include "base/check.h"

/** Code points of UTF-8. */
size_t term_width_of(const char *text, size_t bytes);

/** Bytes of the printable character at @p; 0 for control characters (also C1) and bytes that are not UTF-8. */
size_t term_printable_bytes(const unsigned char *p);

/** All of it, waiting up to a second for a terminal that is held. @return 0 or the error of write(2) */
NODISCARD int term_write(int fd, const char *data, size_t bytes);

#endif

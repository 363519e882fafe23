/* SPDX-License-Identifier: Apache-2.0 */
/* base64.h - RFC 4648, section 4, strictly: padded, no white space, no bits left over. One text for one value, or a signature had two. */
#ifndef RUNNEL_BASE_BASE64_H
#define RUNNEL_BASE_BASE64_H

#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

/** Exactly @out_bytes of them. @return 0 or -EINVAL, @out untouched */
NODISCARD int base64_decode(const char *text, size_t len, uint8_t *out, size_t out_bytes);

/** @out: 4 characters for each 3 bytes begun, and a NUL. */
void base64_encode(const uint8_t *data, size_t bytes, char *out);

#endif

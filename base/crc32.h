/* SPDX-License-Identifier: Apache-2.0 */
/* crc32.h - CRC-32 of IEEE 802.3, as in zlib, gzip and PNG. */
#ifndef RUNNEL_BASE_CRC32_H
#define RUNNEL_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/** Of @bytes at @data, continuing @crc (0 to start). crc32_of(0, "123456789", 9) is 0xCBF43926. */
uint32_t crc32_of(uint32_t crc, const void *data, size_t bytes);

#endif

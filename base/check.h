/* SPDX-License-Identifier: Apache-2.0 */
/* check.h - the few macros that every file may use. */
#ifndef RUNNEL_BASE_CHECK_H
#define RUNNEL_BASE_CHECK_H

#include <stddef.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define NODISCARD __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define UNUSED __attribute__((unused))

/** Run @fn on the address of the variable when it leaves its scope. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/** The structure of type @type whose member @member is at @ptr. */
#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#endif

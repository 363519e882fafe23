/* SPDX-License-Identifier: Apache-2.0 */
/* w1.h - the text of the kernel's w1_slave, read apart from the file so that any can be tested. */
#ifndef RUNNEL_DRIVERS_W1_H
#define RUNNEL_DRIVERS_W1_H

#include "base/check.h"

/** @out: Cel. @return 0; -EBADMSG: a wrong CRC, or no such text; -EIO: a shorted bus, or a chip that lost its power */
NODISCARD int w1_parse_slave(const char *text, double *out);

#endif

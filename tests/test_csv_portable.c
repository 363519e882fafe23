/* SPDX-License-Identifier: Apache-2.0 */
/* The tests of the CSV reader again, without the instructions of one processor. */
#define _GNU_SOURCE
#define CSV_PORTABLE
#include "base/csv.c"
#include "tests/test_csv.c"

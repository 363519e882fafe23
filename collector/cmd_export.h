/* SPDX-License-Identifier: Apache-2.0 */
/* cmd_export.h - `runnel-collector export`. */
#ifndef RUNNEL_COLLECTOR_CMD_EXPORT_H
#define RUNNEL_COLLECTOR_CMD_EXPORT_H

/** argv[0] is "export". @return an exit code of sysexits(3) */
int collector_cmd_export(int argc, char **argv);

#endif

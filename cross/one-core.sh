#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# one-core.sh COMMAND...: on one of the cores that it may use, any. For code without LOCK, which is right on one core: threads of an emulated
# program run on several, and lose each other's wake-ups.
set -euo pipefail
core=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status | tr , '\n' | awk -F- '{ for (i = $1; i <= $NF; i++) print i }' | shuf -n 1)
exec taskset -c "$core" "$@"

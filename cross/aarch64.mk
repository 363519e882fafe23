# SPDX-License-Identifier: Apache-2.0
# 64-bit Arm, any: Raspberry Pi 3 and later with a 64-bit system.
TRIPLET      := aarch64-linux-gnu

# SPDX-License-Identifier: Apache-2.0
# 64-bit Arm, any: Raspberry Pi 3 and later with a 64-bit system.
TRIPLET      := aarch64-linux-gnu
MULTIARCH    := $(TRIPLET)
DEB_ARCH     := arm64
QEMU         := qemu-aarch64-static
QEMU_CPU     := cortex-a53

# SPDX-License-Identifier: Apache-2.0
# 32-bit Arm with hardware floating point, ARMv7: Raspberry Pi 2 and later, and other boards, with Debian armhf.
TRIPLET      := arm-linux-gnueabihf
MULTIARCH    := $(TRIPLET)
DEB_ARCH     := armhf
QEMU         := qemu-arm-static
QEMU_CPU     := cortex-a7

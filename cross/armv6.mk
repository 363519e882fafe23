# SPDX-License-Identifier: Apache-2.0
# 32-bit Arm with hardware floating point, ARMv6: every Raspberry Pi with a 32-bit Raspberry Pi OS, the first and the Zero among them, and
# Debian armhf. Debian's armhf is ARMv7, and so is what its compiler links into each program; cross/armv6-rt.sh makes those parts for
# ARMv6. The shared libraries are the target's own: ARMv6 in Raspberry Pi OS. Here they are Debian's, so programs run on a Cortex-A7
# under emulation, and cross/isacheck.sh proves that nothing of ours needs one.
TRIPLET      := arm-linux-gnueabihf
MULTIARCH    := $(TRIPLET)
DEB_ARCH     := armhf
QEMU         := qemu-arm-static
QEMU_CPU     := cortex-a7
isa          := armv6
target_cflags := -mcpu=arm1176jzf-s -mfpu=vfp -mfloat-abi=hard -marm
runtime_dir   = $(abspath $(CROSS_DIR))/$(SUITE)-armv6-rt
runtime_ldflags = -B$(runtime_dir) -L$(runtime_dir)
runtime_tools := arm-linux-gnueabi-gcc
get_runtime   = cross/armv6-rt.sh $(SUITE) $(runtime_dir)

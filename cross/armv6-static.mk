# SPDX-License-Identifier: Apache-2.0
# ARMv6 in one file that needs nothing of the board's system: Debian armel's libraries (ARMv5TE, software floating point), linked in.
TRIPLET      := arm-linux-gnueabi
MULTIARCH    := $(TRIPLET)
DEB_ARCH     := armel
QEMU         := qemu-arm-static
QEMU_CPU     := arm1176
isa          := armv6
static       := 1
target_cflags := -march=armv6 -marm -mfloat-abi=soft
# libcrypto of Debian 13 compresses; 64-bit atomics are a library's on ARMv5.
static_libs   = $(if $(filter bookworm,$(SUITE)),,-lz -lzstd) -latomic
runtime_dir   = $(abspath $(CROSS_DIR))/armv6-static-libs
runtime_ldflags = -L$(runtime_dir)
get_runtime   = cross/armv6-static-libs.sh $(runtime_dir)

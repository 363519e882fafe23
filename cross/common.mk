# SPDX-License-Identifier: Apache-2.0
# What all targets share: CROSS=NAME reads cross/NAME.mk, which says TRIPLET, DEB_ARCH and what is special, and then this file.
#
# SUITE is the Debian release (also of Raspberry Pi OS) that the board runs. Its headers and libraries come into a directory by
# cross/sysroot.sh when they are needed; SYSROOT=DIR is one of your own, such as the mounted card of a board.
SUITE        ?= bookworm
suites       := bookworm trixie
$(if $(filter $(suites),$(SUITE))$(SYSROOT),,$(error SUITE=$(SUITE) is not known here; there are: $(suites); SYSROOT=DIR for another))
CROSS_DIR    ?= $(BUILD)/cross
ifndef SYSROOT
SYSROOT      := $(abspath $(CROSS_DIR))/$(SUITE)-$(DEB_ARCH)
get_sysroot   = cross/need.sh apt-get dpkg-deb xz && cross/sysroot.sh $(SUITE) $(DEB_ARCH) $(SYSROOT)
endif
ifeq ($(CC),gcc)
CC           := $(TRIPLET)-gcc
AR           := $(TRIPLET)-ar
$(if $(shell command -v $(CC)),,$(error no $(CC) here; on Debian: apt-get install gcc-$(TRIPLET), or tests/deps.sh install cross))
get_tools     = cross/need.sh $(runtime_tools) $(lastword $(PKG_CONFIG)) $(NANOPB_GENERATOR) protoc
endif
OBJDUMP      := $(TRIPLET)-objdump
STRIP        := $(TRIPLET)-strip

# Not $(wildcard): the directory may not be there yet.
multiarch    := $(SYSROOT)/usr/lib/$(MULTIARCH)
ifneq ($(MULTIARCH),)
target_cflags += --sysroot=$(SYSROOT)
target_ldflags += --sysroot=$(SYSROOT)
# Debian's cross compiler looks into its own /usr/TRIPLET first, whatever the sysroot: take that away.
target_cflags += -nostdinc -isystem $(shell $(CC) -print-file-name=include) \
		-isystem $(SYSROOT)/usr/include/$(MULTIARCH) -isystem $(SYSROOT)/usr/include \
		-isystem $(SYSROOT)/usr/include/nanopb # where Debian 13 has it
target_ldflags += $(runtime_ldflags) -B$(multiarch) -L$(multiarch)
endif
ifeq ($(PKG_CONFIG),pkg-config)
PKG_CONFIG   := env PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) \
		PKG_CONFIG_LIBDIR=$(multiarch)/pkgconfig:$(SYSROOT)/usr/share/pkgconfig pkg-config
endif
# Libraries of Debian 13 for 32-bit Arm have a time_t of 64 bits; those of Debian 12 have 32, and both sides must agree.
ifneq ($(filter armhf armel,$(DEB_ARCH)),)
ifneq ($(SUITE),bookworm)
target_cflags += -D_TIME_BITS=64
endif
endif
# The same bytes wherever they are made. Not yet expanded: $(B) comes later.
prefix_maps   = -ffile-prefix-map=$(CURDIR)=. -ffile-prefix-map=$(abspath $(B))=. -ffile-prefix-map=$(B)=. -ffile-prefix-map=$(SYSROOT)=/sysroot
# What a program of the target runs under here.
need_emulator = $(Q)cross/need.sh $(QEMU)
emulator      = $(if $(one_core),$(CURDIR)/cross/one-core.sh )env QEMU_CPU=$(QEMU_CPU) $(QEMU)$(if $(static),, -L $(SYSROOT))

# SPDX-License-Identifier: Apache-2.0
# Intel Quark X1000 (Galileo): i586, x87, one core, LOCK prefixes left out. musl and all libraries are made from sources, see
# cross/i586-sysroot.sh. Debian's sources of paho, the MQTT client, cannot be had everywhere: PAHO_SRC=DIR is a source tree of it. Without,
# the library and the unit tests are built, but no programs. A Yocto SDK needs none of this: `. environment-setup-...; make`.
TRIPLET      := i686-linux-gnu
MULTIARCH    :=
QEMU         := qemu-i386-static
QEMU_CPU     := pentium,-mmx
isa          := i586
one_core     := 1
static       := 1
SYSROOT      := $(abspath $(or $(CROSS_DIR),$(BUILD)/cross))/i586
CC           := $(SYSROOT)/bin/cc
AR           := $(TRIPLET)-ar
get_tools     = cross/need.sh $(TRIPLET)-gcc $(NANOPB_GENERATOR) protoc apt-get dpkg-deb xz perl tclsh
get_sysroot   = cross/i586-sysroot.sh $(SYSROOT) $(PAHO_SRC)
# The wrapper knows where things are; -mpc64: see there. Libraries of one name each, so pkg-config is not asked.
target_ldflags := -mpc64
pc_cflags     := -isystem $(SYSROOT)/include
pc_libs       := -luv -llua5.4 -lyaml -ljansson -lgpiod -lsqlite3 -lssl -lcrypto
gpiod_major   := 1
ifdef PAHO_SRC
paho_library  := $(SYSROOT)/lib/libpaho-mqtt3as.a
else
no_paho       := 1
static_libs   := -lno-paho
endif
# musl's ioctl() takes an int. A register of the x87 has a longer exponent than a double: what overflows shows when it is stored.
target_cflags += -Wno-sign-conversion -ffloat-store
# Without programs, tests that hold the most of the libraries.
isa_files     = $(or $(programs),$(addprefix $(B)/tests/,test_spool_merge test_envelope test_op_lua test_json_in))

# SPDX-License-Identifier: Apache-2.0
# runnel: build, test, install. `make help` lists the targets; the variables a user may set are in the first block.
# Project flags live in lower-case variables, so `make CFLAGS=-O3` changes the optimisation and nothing else.

VERSION      := 0.1.0

BUILD        ?= build
PREFIX       ?= /usr
PKG_CONFIG   ?= pkg-config
NANOPB_GENERATOR ?= nanopb_generator.py
FUZZ_SECONDS ?= 60
CFLAGS       ?= -O2 -g
ifeq ($(origin CC),default)
CC           := gcc
endif
# A directory in this one has one name, however it is spelled: it is in the flags, and other flags compile everything anew.
override BUILD := $(patsubst $(CURDIR)/%,%,$(abspath $(BUILD)))

# CROSS=aarch64 builds for another processor, see cross/; SUITE=trixie takes the libraries of that Debian release. SYSROOT=DIR are the
# headers and libraries of a target's file system. A Yocto or Buildroot SDK sets CC and PKG_CONFIG itself and needs none of these.
ifdef CROSS
targets      := $(filter-out common,$(patsubst cross/%.mk,%,$(wildcard cross/*.mk)))
$(if $(filter $(targets),$(CROSS)),,$(error CROSS=$(CROSS) is not known here; there are: $(targets)))
include cross/$(CROSS).mk
include cross/common.mk
else ifdef SYSROOT
target_cflags  += --sysroot=$(SYSROOT)
target_ldflags += --sysroot=$(SYSROOT)
ifeq ($(PKG_CONFIG),pkg-config)
PKG_CONFIG   := env PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/pkgconfig:$(SYSROOT)/usr/share/pkgconfig pkg-config
endif
endif

# Every kind of object has its own directory: SAN=1, SAN=fuzz, ANALYZE=1, another compiler, another target.
is_clang     := $(findstring clang,$(notdir $(firstword $(CC))))
B            := $(BUILD)$(if $(CROSS),/$(CROSS)$(if $(filter-out bookworm,$(SUITE)),-$(SUITE)))$(if $(filter fuzz,$(SAN)),/fuzz,$(if $(is_clang),/clang)$(if $(SAN),/san)$(if $(ANALYZE),/analyze))

Q            := $(if $(V),,@)
say           = $(if $(V),@:,@printf '  %-8s %s\n' $(1) $(patsubst $(B)/%,%,$(2)))

# --- flags ---
warnings     := -Wall -Wextra -Wshadow -Wvla -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes \
		-Wconversion -Wsign-conversion $(if $(is_clang),-Wno-string-conversion) $(if $(WERROR),-Werror)
hardening    := -fstack-protector-strong $(if $(filter -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
ubsan        := undefined,float-cast-overflow -fno-sanitize-recover=all -fno-omit-frame-pointer
ifeq ($(SAN),fuzz)
sanitize     := -fsanitize=fuzzer-no-link,address,$(ubsan)
hardening    :=
else ifdef SAN
sanitize     := -fsanitize=address,$(ubsan)
hardening    :=
endif
# gcc 12's checks for uninitialised values and for leaks lose track of loops that fill arrays; -Wmaybe-uninitialized and the
# sanitizer's leak check stay.
analyze      := $(if $(ANALYZE),-fanalyzer -Wno-analyzer-use-of-uninitialized-value -Wno-analyzer-malloc-leak -fdiagnostics-path-format=none)
# No contraction into fused multiply-add: every target must compute the same bits.
cflags        = -std=gnu11 -ffp-contract=off -fPIE $(warnings) $(hardening) $(sanitize) $(analyze) $(target_cflags) $(prefix_maps) $(CFLAGS)
# Times beyond 2038 on 32-bit systems too. Of the libraries only libgpiod 1 hands over a time_t, which is its own build's: see gpiod_flags.
cppflags      = -I. -isystem $(B)/gen -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -DRUNNEL_VERSION='"$(VERSION)"' $(pc_cflags) $(http_cflags) $(sink_cflags) $(nanopb_cflags) $(CPPFLAGS)
ldflags       = $(if $(static),-static,-pie) -Wl,-z,relro,-z,now -Wl,--as-needed $(sanitize) $(target_ldflags) $(LDFLAGS)
# Debian 13 has its headers in a directory of their own; for targets cross/common.mk knows.
nanopb_cflags = $(if $(CROSS)$(CROSS_COMPILE),,$(addprefix -isystem ,$(wildcard $(SYSROOT)/usr/include/nanopb)))
# paho, nanopb and libi2c have no .pc file. Asked on first use, because `make` may have to install them first.
pc_modules   := $(if $(static),libuv-static,libuv) lua5.4 yaml-0.1 jansson libssl libcrypto libgpiod sqlite3
pc_cflags    ?= $(eval pc_cflags := $(shell $(PKG_CONFIG) --cflags $(pc_modules)))$(pc_cflags)
pc_libs      ?= $(eval pc_libs := $(shell $(PKG_CONFIG) --libs $(pc_modules)))$(pc_libs)
# Without it the collector has no fleet view, and says so. A static program does not take it.
http_module  ?= $(eval http_module := $(if $(static),,$(shell $(PKG_CONFIG) --exists libmicrohttpd && echo libmicrohttpd)))$(http_module)
http_cflags  ?= $(eval http_cflags := $(if $(http_module),-DRUNNEL_WITH_HTTP $(shell $(PKG_CONFIG) --cflags $(http_module))))$(http_cflags)
http_libs    ?= $(eval http_libs := $(if $(http_module),$(shell $(PKG_CONFIG) --libs $(http_module))))$(http_libs)
# Without one of these the collector lacks a kind of sink, and says so.
sink_modules ?= $(eval sink_modules := $(if $(static),,$(shell for m in libcurl rdkafka; do $(PKG_CONFIG) --exists $$m && echo $$m; done)))$(sink_modules)
sink_cflags  ?= $(eval sink_cflags := $(if $(sink_modules),$(shell $(PKG_CONFIG) --cflags $(sink_modules))) $(if $(filter libcurl,$(sink_modules)),-DRUNNEL_WITH_LIBCURL) $(if $(filter rdkafka,$(sink_modules)),-DRUNNEL_WITH_RDKAFKA))$(sink_cflags)
sink_libs    ?= $(eval sink_libs := $(if $(sink_modules),$(shell $(PKG_CONFIG) --libs $(sink_modules))))$(sink_libs)
# Two libraries of one name: a source for each, chosen likewise.
gpiod_major  ?= $(eval gpiod_major := $(firstword $(subst ., ,$(shell $(PKG_CONFIG) --modversion libgpiod))))$(gpiod_major)
gpiod_source  = drivers/gpio_v$(gpiod_major).c
gpiod_flags   = $(if $(filter 1,$(gpiod_major)),-U_TIME_BITS)
ldlibs        = -lprotobuf-nanopb $(if $(no_paho),,-lpaho-mqtt3as) -li2c $(pc_libs) $(http_libs) $(sink_libs) $(static_libs) -lm -lpthread $(LDLIBS)
# -Wconversion would mostly complain about cmocka's macros; a fuzz target has no prototype; the analyser does not see
# that a failed assertion ends a test.
test_cflags  := -Wno-conversion -Wno-sign-conversion -Wno-missing-prototypes $(if $(ANALYZE),-fno-analyzer)

# --- files ---
gpiod_sources := $(wildcard drivers/gpio_v[0-9].c)
gpiod_object := $(if $(gpiod_sources),$(B)/obj/drivers/gpio_libgpiod.o)
sources      := $(filter-out agent/main.c collector/main.c $(gpiod_sources),\
		$(wildcard $(addsuffix /*.c,base drivers pipelines agent collector)))
objects      := $(sources:%.c=$(B)/obj/%.o) $(B)/obj/pipelines/runnel.pb.o $(gpiod_object)
lib          := $(B)/librunnel.a
programs     := $(if $(no_paho),,$(B)/runnel $(B)/runnel-collector)
test_sources := $(wildcard tests/test_*.c)
bench_sources := $(wildcard tests/bench_*.c)
fake_sources := $(filter-out $(test_sources) $(bench_sources) tests/still_loop.c,$(wildcard tests/*.c))
fakes        := $(B)/tests/libfakes.a
tests        := $(test_sources:%.c=$(B)/%)
benches      := $(bench_sources:%.c=$(B)/%)
hil_tools    := $(patsubst %.c,$(B)/%,$(wildcard tests/hil/*.c))
swarm_sources := $(wildcard tests/swarm/*.c)
swarm_tools  := $(if $(swarm_sources),$(B)/tests/swarm/feed)
fuzzers      := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))
proto        := pipelines/runnel.proto $(wildcard pipelines/runnel.options)
generated    := $(addprefix $(B)/gen/pipelines/runnel.pb.,h c)

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all tests benches hil-tools swarm-tools fuzzers objects check isacheck lint bench cross-check fuzz demo swarm view hil soak docs deps build-deps install deb sbom compdb where clean help cross-all FORCE

all: $(programs) $(lib) ; @:
tests: $(tests) ; @:
benches: $(benches) ; @:
hil-tools: $(hil_tools) ; @:
swarm-tools: $(swarm_tools) ; @:
fuzzers: $(fuzzers) ; @:

help:
	@printf '%s\n' \
	'make            build/runnel and build/runnel-collector' \
	'make check      everything that can fail: unit tests, sanitizers, end-to-end, fuzzers, lint' \
	'make lint       format, static analysis, layer rules' \
	'make bench      the numbers of the README        make demo     boards, broker and collector, live (SECONDS=20)' \
	'make swarm      simulated boards against the collector, and the truth (DEVICES=1000 SECONDS=60 SEED=1 STORE=1 FLOOD=1 HEALTHY=1)' \
	'make view       the fleet view in Chromium: checks, and pictures in build/view' \
	'make hil        the agent on simulated hardware and on Arm boards, in Debian'\''s kernels (QEMU)' \
	'make soak       faults of everything, at random, for long: SECONDS=300 ROUNDS=1 SEED=1 CUTS=50' \
	'make CROSS=aarch64 [SUITE=trixie] [check|dist]   for another board (armv7 armv6 armv6-static i586-static); docs/cross.md' \
	'make cross-all  all of them: unit tests, programs, SDKs, tarballs of the same bytes' \
	'make cross-check  the same bits by other compilers and on other processors, by qemu-user' \
	'make fuzz       FUZZ_SECONDS=60 each             make deps     install the Debian packages needed' \
	'make install    DESTDIR= PREFIX=/usr             make compdb   compile_commands.json for editors' \
	'make docs       docs/configure.md from the tables' \
	'make deb        Debian packages, for SUITE=bookworm or trixie           make sbom       what is inside (CycloneDX)' \
	'make clean      removes $(BUILD)/' \
	'variables: CC CFLAGS CPPFLAGS LDFLAGS PKG_CONFIG SYSROOT CROSS SUITE BUILD V=1 SAN=1 WERROR=1 NANOPB_GENERATOR'

# --- compile and link ---
# The stamp changes when a flag does, and so rebuilds what depends on flags. -Werror is left out: it changes no object.
stamp         = $(filter-out -Werror,$(CC) $(cflags) $(cppflags) $(ldflags)) $(if $(gpiod_sources),$(gpiod_source))
$(B)/flags: FORCE | build-deps
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(stamp))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(stamp))' >$@

compile       = $(Q)mkdir -p $(@D) && $(CC) $(cflags) $(cppflags) $(1) -MMD -MP -c -o $@ $(or $(2),$<)

$(generated) &: $(proto) | build-deps
	$(call say,NANOPB,$<)
	$(Q)mkdir -p $(B)/gen && $(NANOPB_GENERATOR) -q -I . -D $(B)/gen $<

$(B)/obj/pipelines/runnel.pb.o: $(B)/gen/pipelines/runnel.pb.c $(B)/flags
	$(call say,CC,$@)
	$(call compile,-w)

$(B)/obj/drivers/gpio_libgpiod.o: $(gpiod_sources) $(B)/flags | build-deps
	$(call say,CC,$(gpiod_source))
	$(call compile,$(gpiod_flags),$(gpiod_source))

$(B)/obj/%.o: %.c $(B)/flags | $(generated)
	$(call say,CC,$<)
	$(call compile)

# The files of the fleet view are in it.
$(B)/obj/collector/web_routes.o: $(wildcard collector/web/*)

$(B)/obj/tests/%.o: tests/%.c $(B)/flags | $(generated)
	$(call say,CC,$<)
	$(call compile,$(test_cflags))

$(lib): $(objects)
$(fakes): $(fake_sources:%.c=$(B)/obj/%.o)
$(lib) $(fakes):
	$(call say,AR,$@)
	$(Q)mkdir -p $(@D) && rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

link          = $(Q)mkdir -p $(@D) && $(CC) $(cflags) $(ldflags) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(1) $(ldlibs)

$(B)/runnel: $(B)/obj/agent/main.o $(lib)
$(B)/runnel-collector: $(B)/obj/collector/main.o $(lib)
$(B)/runnel $(B)/runnel-collector:
	$(call say,LINK,$@)
	$(call link)

# In their own time, see there.
$(addprefix $(B)/tests/test_,actions sched sched_burst sched_doubt sched_faults watch watchdog): $(B)/obj/tests/still_loop.o
$(tests) $(hil_tools) $(B)/tests/cross/exact: $(B)/tests/%: $(B)/obj/tests/%.o $(fakes) $(lib)
	$(call say,LINK,$@)
	$(call link,-lcmocka)

# Of PAHO_SRC=: with another one it is another library.
$(programs) $(tests) $(benches) $(swarm_tools) $(hil_tools) $(B)/tests/cross/exact: $(paho_library)
$(paho_library): FORCE | build-deps ; @:

# Files of BUILD by their full names.
$(CURDIR)/$(B)/%: $(B)/% ; @:

$(swarm_tools): $(swarm_sources:%.c=$(B)/obj/%.o) $(fakes) $(lib)
	$(call say,LINK,$@)
	$(call link)

$(benches): $(B)/tests/%: $(B)/obj/tests/%.o $(fakes) $(lib)
	$(call say,LINK,$@)
	$(call link,-lcmocka)

$(fuzzers): $(B)/tests/%: $(B)/obj/tests/%.o $(fakes) $(lib)
	$(call say,LINK,$@)
	$(call link,-fsanitize=fuzzer)

-include $(patsubst %.o,%.d,$(objects) $(wildcard $(B)/obj/*/*.o $(B)/obj/tests/*/*.o))

# --- what a user or the CI asks for ---
# For another processor: that no instruction is there that it has not, its programs and its unit tests under emulation.
.PHONY: publish publish-strictly units units-tools emulator dist
ifdef CROSS
check: isacheck publish units
isacheck: all $(isa_files)
	$(Q)$(if $(isa),cross/isacheck.sh $(isa) $(OBJDUMP) $(lib) $(or $(isa_files),$(programs)),:)
publish: all
	$(need_emulator)
	$(Q)tests/cross/publish.sh $(B) $(BUILD) $(emulator) || test $$? = 77
publish-strictly: all
	$(need_emulator)
	$(Q)tests/cross/publish.sh $(B) $(BUILD) $(emulator)
units-tools: $(B)/tests/cross/exact $(B)/exact.txt
# TESTS='test_wire test_loop' are some of them.
units: $(if $(TESTS),$(TESTS:%=$(B)/tests/%),tests) units-tools
	$(need_emulator)
	$(Q)TESTS='$(TESTS)' tests/cross/units.sh $(B) $(emulator)
emulator:
	@echo '$(emulator)'
$(B)/exact.txt: tests/cross/exact.c tests/cross/check.sh $(sources) | $(generated)
	$(call say,HERE,$@)
	$(Q)tests/cross/check.sh here >$@

# What `make install` installs, with the licences of what is linked in, to be unpacked in / of a board. The same bytes from the same commit.
SOURCE_DATE_EPOCH ?= $(or $(shell git log -1 --format=%ct 2>/dev/null),315532800)
dist_name     = runnel-$(VERSION)-$(CROSS)$(if $(static),,-$(SUITE))
dist: all
	$(Q)$(if $(programs),,echo 'dist: no programs without PAHO_SRC=, see docs/cross.md'; exit 1;) rm -rf $(B)/dist && \
	$(MAKE) --no-print-directory -s DESTDIR=$(abspath $(B))/dist install && \
	cross/licences.sh $(B)/dist$(PREFIX)/share/doc/runnel $(SYSROOT) $(if $(static),static) && \
	mv $(B)/dist/etc/runnel/runnel.yaml $(B)/dist$(PREFIX)/share/doc/runnel/ && rm -r $(B)/dist/etc && \
	$(STRIP) $(B)/dist$(PREFIX)/bin/* && chmod -R u=rwX,go=rX $(B)/dist && \
	tar -C $(B)/dist --sort=name --format=gnu --owner=0 --group=0 --numeric-owner --mtime=@$(SOURCE_DATE_EPOCH) -cf - $$(ls $(B)/dist) | gzip -n9 >$(BUILD)/$(dist_name).tar.gz
	@echo $(BUILD)/$(dist_name).tar.gz
else
check:
	+@BUILD='$(BUILD)' MAKE='$(MAKE)' tests/run.sh
dist isacheck publish units:
	@echo '$@ is for a target: make CROSS=armv6-static $@; see docs/cross.md' >&2; exit 64
endif

lint:
	+@BUILD='$(BUILD)' MAKE='$(MAKE)' tests/lint.sh

# The reference comes from the tables in the code; tests/e2e/docs_are_current.sh fails when it is old.
docs: all
	$(Q)mkdir -p docs
	$(Q)$(B)/runnel schema --markdown >$(B)/configure.md && cp $(B)/configure.md docs/configure.md

demo: all
	$(Q)tests/deps.sh require demo
	$(Q)RUNNEL_BUILD='$(B)' DEMO_SECONDS='$(SECONDS)' tests/demo.sh

# Everything a fleet can do wrong, drawn from a seed, and what the collector must say of it.
swarm: all swarm-tools
	$(Q)tests/deps.sh require demo
	$(Q)RUNNEL_BUILD='$(B)' python3 -B tests/swarm/swarm.py --devices '$(or $(DEVICES),1000)' --seconds '$(or $(SECONDS),60)' \
		--seed '$(or $(SEED),1)' $(if $(STORE),--store) $(if $(FLOOD),--flood) $(if $(HEALTHY),--healthy)

# What the fleet view looks like, in Chromium where it is: pictures to be looked at.
view: all swarm-tools
	$(Q)tests/deps.sh require demo
	$(Q)RUNNEL_BUILD='$(B)' python3 -B tests/view/check.py '$(B)/view'

# Each test in a guest of its own; 77 is skipped, with the reason.
hil: all hil-tools
	$(Q)tests/deps.sh ensure hil
	+$(Q)RUNNEL_BUILD='$(abspath $(B))' tests/hil/run.sh

# Nothing lost, nothing doubled: make soak SECONDS=600 ROUNDS=3 SEED=7 CUTS=50
soak: all hil-tools $(B)/tests/test_spool_crashes
	+$(Q)RUNNEL_BUILD='$(abspath $(B))' SOAK_SECONDS='$(SECONDS)' SOAK_ROUNDS='$(ROUNDS)' SOAK_SEED='$(SEED)' SOAK_CUTS='$(CUTS)' tests/soak.sh

# The same bits on other processors, by cross compilers and qemu-user where they are; `tests/deps.sh install cross-check` gets them.
cross-check:
	$(Q)tests/cross/check.sh

# What `make check` does with other processors, and what it has no time for.
cross-all:
	+@BUILD='$(BUILD)' MAKE='$(MAKE)' tests/run.sh cross

bench: all benches hil-tools
	$(Q)test -x tests/bench.sh || { echo 'bench: there is no tests/bench.sh'; exit 1; }
	$(Q)RUNNEL_BUILD='$(abspath $(B))' tests/bench.sh

fuzz:
	+@BUILD='$(BUILD)' MAKE='$(MAKE)' FUZZ_SECONDS='$(FUZZ_SECONDS)' tests/run.sh fuzz

# Installs what is missing when it can, and says so when it cannot. DEPS=0 leaves it out.
deps:
	@tests/deps.sh install build check
# A Yocto or Buildroot SDK sets CROSS_COMPILE, and has what it needs.
build-deps:
	@$(if $(CROSS),$(or $(get_tools),:) && $(or $(get_sysroot),:) && $(or $(get_runtime),:),$(if $(filter 0,$(DEPS))$(SYSROOT)$(CROSS_COMPILE),:,tests/deps.sh ensure build))

# Man pages and completion, out of what the programs say of themselves and of the config; a program of another processor is asked under emulation.
shared        = $(B)/share
$(shared)/done: packaging/from_help.sh packaging/from_reference.sh $(programs)
	$(call say,SHARE,$@)
	$(need_emulator)
	$(Q)mkdir -p $(addprefix $(shared)/,man/man1 man/man5 bash-completion/completions fish/vendor_completions.d zsh/vendor-completions)
	$(Q)for p in runnel runnel-collector; do \
		packaging/from_help.sh man $(B)/$$p $(emulator) >$(shared)/man/man1/$$p.1 && \
		packaging/from_help.sh bash $(B)/$$p $(emulator) >$(shared)/bash-completion/completions/$$p && \
		packaging/from_help.sh fish $(B)/$$p $(emulator) >$(shared)/fish/vendor_completions.d/$$p.fish && \
		packaging/from_help.sh zsh $(B)/$$p $(emulator) >$(shared)/zsh/vendor-completions/_$$p || exit; done
	$(Q)packaging/from_reference.sh $(B)/runnel $(emulator) >$(shared)/man/man5/runnel.yaml.5
	@touch $@

# A config that is there stays. UNITS= leaves out what a Debian package installs by its own means.
UNITS        ?= 1
lib_dir       = $(DESTDIR)$(PREFIX)/lib
install: all $(shared)/done
	$(Q)install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/share'
	$(Q)install -m 755 $(programs) '$(DESTDIR)$(PREFIX)/bin'
	$(Q)cp -r $(addprefix $(shared)/,man bash-completion fish zsh) '$(DESTDIR)$(PREFIX)/share/'
	$(Q)test -e '$(DESTDIR)/etc/runnel/runnel.yaml' || install -D -m 644 packaging/runnel.yaml '$(DESTDIR)/etc/runnel/runnel.yaml'
ifneq ($(UNITS),)
	$(Q)install -d '$(lib_dir)/systemd/system'
	$(Q)for f in $(notdir $(wildcard systemd/*.service)); do \
		sed 's|/usr/bin/|$(PREFIX)/bin/|' systemd/$$f >'$(lib_dir)/systemd/system'/$$f || exit; done
	$(Q)install -D -m 644 systemd/runnel.sysusers '$(lib_dir)/sysusers.d/runnel.conf'
	$(Q)install -D -m 644 systemd/runnel.tmpfiles '$(lib_dir)/tmpfiles.d/runnel.conf'
	$(Q)install -D -m 644 systemd/runnel.udev '$(lib_dir)/udev/rules.d/60-runnel.rules'
endif

# Packages for SUITE, of this processor or that of CROSS; without SUITE= for the release that this machine has.
ifneq ($(and $(CROSS),$(filter deb,$(MAKECMDGOALS))),)
ifndef DEB_ARCH
$(error there are no packages for $(CROSS): make CROSS=$(CROSS) dist makes a tarball)
endif
endif
deb: build-deps
	$(Q)tests/deps.sh require package
	$(Q)CROSS='$(CROSS)' CROSS_DIR='$(abspath $(CROSS_DIR))' SYSROOT='$(SYSROOT)' packaging/deb.sh $(VERSION) \
		'$(or $(SUITE),$(shell . /etc/os-release; echo $$VERSION_CODENAME))' '$(BUILD)' $(DEB_ARCH)

# What is inside the programs: CycloneDX.
sbom: all
	$(Q)SYSROOT='$(SYSROOT)' packaging/sbom.sh $(VERSION) $(programs) >$(B)/runnel.cdx.json
	@echo $(B)/runnel.cdx.json

# Everything that can be compiled, for the analyser: `make lint` asks for it with ANALYZE=1.
all_sources  := $(sources) $(wildcard agent/main.c collector/main.c) $(wildcard tests/*.c tests/fuzz/*.c) $(swarm_sources)
objects: $(all_sources:%.c=$(B)/obj/%.o) $(gpiod_object) ; @:

compdb: $(generated)
	@command='$(subst ','\'',$(CC) $(cflags) $(cppflags)) -c'; sep='['; \
	for f in $(all_sources) $(if $(gpiod_sources),$(gpiod_source)); do \
		printf '%s\n{"directory": "%s", "file": "%s", "command": "%s %s"}' "$$sep" '$(CURDIR)' "$$f" \
			"$$(printf '%s' "$$command" | sed 's/[\\"]/\\&/g')" "$$f"; sep=,; \
	done >compile_commands.json; printf '\n]\n' >>compile_commands.json

where:
	@echo '$(B)'

clean:
	$(Q)case '$(abspath $(BUILD))' in /|'$(CURDIR)'|'$(HOME)') echo 'clean: not removing $(BUILD)'; exit 1;; esac
	$(Q)rm -rf -- '$(BUILD)' compile_commands.json

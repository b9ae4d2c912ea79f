# qgreplay - replay of btrfs qgroup reservation traces
#
#   make deps           install the Debian packages that building and testing need (root or sudo)
#   make                build build/qgreplay
#   make demo           check a bundled real trace that holds the classic bug, print the proof, and serve it and the
#                       other bundled traces at http://DEMO_LISTEN/ until Ctrl-C; DEMO_SERVE=no leaves the serving out
#   make test           build and run all tests; `make test T=sandbox` runs one, T='event*' several
#   make check          everything CI runs: format, include rules, headers, lint, clang, sanitizers, tests
#
#   make asan           all tests under the address and undefined behaviour sanitizers
#   make tsan           `check` over all traces at hand, and `serve`, under the thread sanitizer
#   make valgrind       the unit tests under valgrind
#   make coverage       which lines the tests reach, file by file
#   make fuzz           each fuzz target for FUZZ_SECONDS (60); FUZZ=name runs one
#   make truth          score every trace of SHARED (../shared) against its ground truth
#   make soak           the model kernel against the replay for SEEDS (10000) seeds of each bug
#   make bench          measure against trace-cmd, a plain table and debuginfod, and growth; BASE=program: and an earlier build
#
#   make format         let clang-format decide about white space; format-check only looks
#   make lint           clang-tidy and cppcheck
#   make hdr-check      each header compiles alone
#   make layers         each folder includes only what it may
#   make install        into DESTDIR and PREFIX (/usr/local)
#   make clean          remove build/
#
# Variables: V=1 (show commands) BUILD=folder CC=clang OPT='-O0 -g' CFLAGS= LDFLAGS= JOBS=2 SHARED=../shared DEMO_TRACE=file
# DEMO_LISTEN=127.0.0.1:8470
# `make deps demo` and `make deps test` work on an empty machine.

ifeq ($(origin CC),default)
CC = gcc
endif
BUILD ?= build
OPT ?= -O2 -g
PREFIX ?= /usr/local
SHARED ?= ../shared
JOBS ?= 2
FUZZ_SECONDS ?= 60
SEEDS ?= 10000
DEMO_TRACE ?= tests/traces/classic.dat.zst
DEMO_LISTEN ?= 127.0.0.1:8470
DEMO_SERVE ?= yes

VERSION = 0.1
PACKAGES = libzstd zlib libseccomp nettle jansson sqlite3 libxxhash libmicrohttpd
TEST_PACKAGES = cmocka libtraceevent

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wvla \
	-Wformat=2 -Wundef -Wswitch-enum -Wconversion -Werror \
	$(if $(findstring clang,$(CC)),,-Wno-format-truncation)
HARDENING ?= -fstack-protector-strong -D_FORTIFY_SOURCE=2
SANITIZERS ?=

# Read once, but not before a recipe needs it: `make deps all` installs pkg-config first.
PACKAGE_CFLAGS = $(eval PACKAGE_CFLAGS := $(shell pkg-config --cflags $(PACKAGES)))$(PACKAGE_CFLAGS)
PACKAGE_LIBS = $(eval PACKAGE_LIBS := $(shell pkg-config --libs $(PACKAGES)))$(PACKAGE_LIBS)

LANGUAGE = -std=c11 -D_GNU_SOURCE -DQGREPLAY_VERSION=\"$(VERSION)\" -I.
COMPILE = $(CC) $(LANGUAGE) -fPIE $(OPT) $(WARNINGS) $(HARDENING) $(SANITIZERS) $(PACKAGE_CFLAGS) $(CFLAGS)
LINK = $(CC) -pie $(OPT) $(SANITIZERS) -Wl,--as-needed -Wl,-z,relro,-z,now $(LDFLAGS)
LINK_EXTENSION = $(CC) -shared $(OPT) -Wl,--as-needed -Wl,-z,relro,-z,now,-z,defs $(LDFLAGS)

FOLDERS = $(wildcard base schema/rows schema/block schema/store schema/events collector analyzer analyzer/ledger \
	analyzer/rules analyzer/bugs analyzer/explain analyzer/report analyzer/kept web web/message web/http web/html \
	web/draw web/list web/upload web/page web/api web/static cmd)
LIBRARY_SOURCES = $(filter-out cmd/main.c schema/events/extension.c,$(wildcard $(addsuffix /*.c,$(FOLDERS))))
MIGRATIONS = $(sort $(wildcard schema/[0-9]*.sql))
DYGRAPHS = /usr/share/javascript/dygraphs
STATIC_FILES = $(sort $(wildcard $(addprefix web/static/*.,css js svg))) web/api/openapi.json schema/report.schema.json
STATIC_FOREIGN = $(DYGRAPHS)/dygraph.min.js dygraph.css=$(DYGRAPHS)/dygraph.min.css \
	dygraph-copyright.txt=/usr/share/doc/libjs-dygraphs/copyright
EXTENSION_SOURCES = $(wildcard schema/events/*.c schema/block/*.c) schema/rows/rows.c \
	$(addprefix base/,error.c event.c memory.c utf8.c)
ENGINE_SOURCES = $(sort $(wildcard $(addsuffix /*.[ch],analyzer analyzer/ledger analyzer/rules)))
UNIT_SOURCES = $(wildcard tests/unit/test_$(or $(T),*).c)
TOOL_SOURCES = $(wildcard tests/tools/*.c)
MODEL_SOURCES = $(wildcard tests/model/*.c)
FUZZ_SOURCES = $(wildcard tests/fuzz/fuzz_$(or $(FUZZ),*).c)
ALL_SOURCES = $(wildcard $(addsuffix /*.c,$(FOLDERS)) tests/*/*.c)
HEADERS = $(wildcard $(addsuffix /*.h,$(FOLDERS)) tests/*/*.h)

objects = $(patsubst %.c,$(BUILD)/%.o,$(1))
programs = $(patsubst %.c,$(BUILD)/%,$(1))
LIBRARY = $(BUILD)/libqgreplay.a
MODEL = $(BUILD)/libmodel.a
TEST_PROGRAMS = $(call programs,$(UNIT_SOURCES)) $(call programs,$(TOOL_SOURCES))
TEST_ENVIRONMENT = QGREPLAY='$(abspath $(BUILD)/qgreplay)' BUILD='$(abspath $(BUILD))' SHARED='$(abspath $(SHARED))'

# Commands are shown by what they make; V=1 shows them as they are.
ifeq ($(V),)
run = @printf '  %-5s %s\n' '$(1)' '$@'; $(2)
MAKEFLAGS += --no-print-directory
else
run = $(2)
endif

all: $(BUILD)/qgreplay $(BUILD)/qgreplay_events.so

$(BUILD)/qgreplay: $(BUILD)/cmd/main.o $(LIBRARY)
	$(call run,LINK,$(LINK) -o $@ $^ $(PACKAGE_LIBS))

# For the sqlite3 shell, which brings its own SQLite, and no sanitizer.
$(BUILD)/qgreplay_events.so: $(patsubst %.c,$(BUILD)/extension/%.o,$(EXTENSION_SOURCES))
	$(call run,LINK,$(LINK_EXTENSION) -o $@ $^ $$(pkg-config --libs libzstd libxxhash))

$(BUILD)/extension/%.o: %.c $(BUILD)/flags
	@mkdir -p $(dir $@)
	$(call run,CC,$(filter-out $(SANITIZERS) -fPIE,$(COMPILE)) -fPIC -fvisibility=hidden -DQGREPLAY_EXTENSION -MMD -MP -c -o $@ $<)

$(LIBRARY): $(call objects,$(LIBRARY_SOURCES)) $(BUILD)/schema/migrations.o \
		$(BUILD)/web/static/embedded.o $(BUILD)/members
	@rm -f $@
	$(call run,AR,$(AR) rcs $@ $(filter %.o,$^))

# The model kernel of the tests: linked only into those that ask for it.
$(MODEL): $(call objects,$(MODEL_SOURCES))
	@rm -f $@
	$(call run,AR,$(AR) rcs $@ $^)

# The program brings the .sql files along.
$(BUILD)/schema/migrations.c: $(MIGRATIONS) schema/embed $(BUILD)/members
	@mkdir -p $(dir $@)
	$(call run,SQL,schema/embed $(MIGRATIONS) > $@)

$(BUILD)/schema/migrations.o: $(BUILD)/schema/migrations.c schema/store/migrations.h $(BUILD)/flags
	$(call run,CC,$(COMPILE) -c -o $@ $<)

# And what its pages consist of: nothing is fetched from elsewhere.
$(BUILD)/web/static/embedded.c: $(STATIC_FILES) web/static/embed $(BUILD)/members
	@mkdir -p $(dir $@)
	$(call run,EMBED,web/static/embed $(STATIC_FILES) $(STATIC_FOREIGN) > $@)

$(BUILD)/web/static/embedded.o: $(BUILD)/web/static/embedded.c web/static/embedded.h web/static/static.h $(BUILD)/flags
	$(call run,CC,$(COMPILE) -c -o $@ $<)

# Whatever changes in the rules is another engine; see analyzer/engine.h.
$(BUILD)/analyzer/engine.o: $(ENGINE_SOURCES) $(BUILD)/members
$(BUILD)/analyzer/engine.o: private COMPILE += \
	-DQGREPLAY_ENGINE='"$(shell sha256sum $(ENGINE_SOURCES) | sha256sum | cut -c 1-12)"'

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(dir $@)
	$(call run,CC,$(COMPILE) -MMD -MP -c -o $@ $<)

$(call programs,$(UNIT_SOURCES)): %: %.o $(MODEL) $(LIBRARY)
	$(call run,LINK,$(LINK) -o $@ $^ $(PACKAGE_LIBS) $$(pkg-config --libs $(TEST_PACKAGES)))

$(call programs,$(TOOL_SOURCES)): %: %.o $(MODEL) $(LIBRARY)
	$(call run,LINK,$(LINK) -o $@ $^ $(PACKAGE_LIBS))

$(call programs,$(FUZZ_SOURCES)): %: %.o $(LIBRARY)
	$(call run,LINK,$(LINK) -fsanitize=fuzzer -o $@ $^ $(PACKAGE_LIBS) $$(pkg-config --libs $(TEST_PACKAGES)))

# Both change only when what they hold changes, and what was made with it is then made anew.
$(BUILD)/flags: FORCE
	@pkg-config --exists $(PACKAGES) || { echo "qgreplay: libraries are missing, run 'make deps'" >&2; exit 1; }
	$(shell mkdir -p $(BUILD))$(file >$@.new,$(COMPILE) $(LINK))
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(BUILD)/members: FORCE
	$(shell mkdir -p $(BUILD))$(file >$@.new,$(LIBRARY_SOURCES) $(MIGRATIONS) $(STATIC_FILES) $(STATIC_FOREIGN))
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

-include $(patsubst %.c,$(BUILD)/%.d,$(ALL_SOURCES)) $(patsubst %.c,$(BUILD)/extension/%.d,$(EXTENSION_SOURCES))
.SECONDARY:

test: all $(TEST_PROGRAMS)
	@$(TEST_ENVIRONMENT) tests/run --jobs $(JOBS) '$(or $(T),*)'

# All tests run on all traces once; a second time, with sanitizers and three times slower, on the bundled traces, with
# fewer variations and kills. `make asan` by itself does it all. That build is clang's, so that both compilers see all code.
check: format-check layers hdr-check lint
	$(MAKE) -j$(JOBS) asan CC=clang SHARED=/nonexistent METAMORPH_SEEDS=10 MODEL_TRACES=100 KILLS=40 \
		SERVE_KILLS=8
	$(MAKE) -j$(JOBS) test

test-build: all $(TEST_PROGRAMS)

# Halting at the first report makes a sanitizer's finding a failed test.
asan:
	@ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1 \
	$(MAKE) BUILD=$(BUILD)/asan OPT='-O1 -g -fno-omit-frame-pointer' HARDENING= \
		SANITIZERS='-fsanitize=address,undefined -fno-sanitize-recover=all' test

tsan:
	$(MAKE) BUILD=$(BUILD)/tsan OPT='-O1 -g' HARDENING= SANITIZERS=-fsanitize=thread all
	@$(TEST_ENVIRONMENT) BUILD='$(abspath $(BUILD)/tsan)' .ci/tsan

valgrind:
	$(MAKE) BUILD=$(BUILD)/valgrind OPT='-O1 -g' HARDENING= test-build
	@$(TEST_ENVIRONMENT) BUILD='$(abspath $(BUILD)/valgrind)' tests/run --jobs $(JOBS) --unit \
		--under 'valgrind --quiet --leak-check=full --error-exitcode=99' '$(or $(T),*)'

# Counters live in a mapped file that all processes share: one that may open no file, or that crashes, still counts.
coverage:
	@rm -rf $(BUILD)/coverage/profiles
	LLVM_PROFILE_FILE='$(abspath $(BUILD)/coverage/profiles)/%m%c.profraw' \
	$(MAKE) BUILD=$(BUILD)/coverage CC=clang OPT='-O0 -g' HARDENING= \
		SANITIZERS='-fprofile-instr-generate -fcoverage-mapping -mllvm -runtime-counter-relocation' test || \
		echo 'coverage: not all tests pass in this build, the figures are of what ran'
	@BUILD=$(BUILD)/coverage .ci/coverage

fuzz:
	$(MAKE) BUILD=$(BUILD)/fuzz CC=clang OPT='-O1 -g -fno-omit-frame-pointer' HARDENING= \
		SANITIZERS='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' fuzz-build
	@BUILD=$(BUILD)/fuzz FUZZ_SECONDS=$(FUZZ_SECONDS) .ci/fuzz '$(or $(FUZZ),*)'

fuzz-build: $(call programs,$(FUZZ_SOURCES))

truth: $(BUILD)/qgreplay
	@$(TEST_ENVIRONMENT) tests/truth/run

soak: $(BUILD)/tests/unit/test_model
	@MODEL_SEEDS=$(SEEDS) $<

bench: $(BUILD)/qgreplay $(call programs,$(TOOL_SOURCES))
	@$(TEST_ENVIRONMENT) tests/bench/run $(if $(BASE),--base '$(BASE)')
	@$(TEST_ENVIRONMENT) tests/bench/store
	@$(TEST_ENVIRONMENT) tests/bench/serve

# Exit code 1 of `check` means "findings", which is what the demo is there to show.
demo: $(BUILD)/qgreplay
	@echo "\$$ qgreplay check $(DEMO_TRACE)"
	@$(BUILD)/qgreplay check $(DEMO_TRACE); code=$$?; \
	test $$code -eq 1 || { echo "demo: check ended with $$code where 1 (findings) is due" >&2; exit 1; }; \
	echo; echo "The exit code is 1: findings, as expected of this trace (0: none, 2: usage or trouble)."
	@test '$(DEMO_SERVE)' = no || exec .ci/demo $(BUILD)/qgreplay $(BUILD)/demo.db '$(DEMO_LISTEN)'

deps:
	@.ci/deps
	@.ci/axe

format:
	@clang-format -i $(ALL_SOURCES) $(HEADERS)

format-check:
	@clang-format --dry-run -Werror $(ALL_SOURCES) $(HEADERS)
	@echo 'format-check: $(words $(ALL_SOURCES) $(HEADERS)) files are as clang-format has them'

hdr-check: $(BUILD)/flags
	@for header in $(HEADERS); do \
		$(COMPILE) -fsyntax-only -include $$header -x c /dev/null || exit 1; done
	@echo "hdr-check: $(words $(HEADERS)) headers compile alone"

layers:
	@.ci/layers .

lint:
	@printf '%s\n' $(ALL_SOURCES) | xargs -P $(JOBS) -n 4 sh -c \
		'clang-tidy --quiet "$$@" -- $(LANGUAGE) -DQGREPLAY_ENGINE=\"\" $(PACKAGE_CFLAGS) 2>&1 | \
		grep -v "warnings generated\|^Suppressed\|^Use -header-filter" >&2; test $$? -eq 1' clang-tidy
	@cppcheck --quiet --std=c11 --inline-suppr --error-exitcode=1 --enable=warning,performance,portability \
		-D_GNU_SOURCE '-DQGREPLAY_VERSION=""' '-DQGREPLAY_ENGINE=""' '-DRB_GENERATE_INTERNAL(...)=' -I. -j $(JOBS) $(filter-out analyzer/%,$(FOLDERS))
	@echo 'lint: $(words $(ALL_SOURCES)) files, nothing to say'

install: all
	install -D -m 755 $(BUILD)/qgreplay $(DESTDIR)$(PREFIX)/bin/qgreplay
	install -D -m 755 $(BUILD)/qgreplay_events.so $(DESTDIR)$(PREFIX)/lib/qgreplay/qgreplay_events.so
	install -D -m 644 docs/qgreplay.1 $(DESTDIR)$(PREFIX)/share/man/man1/qgreplay.1
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|@PREFIX@|$(PREFIX)|' packaging/qgreplay.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/qgreplay.service
	install -D -m 644 packaging/qgreplay.socket $(DESTDIR)$(PREFIX)/lib/systemd/system/qgreplay.socket
	install -D -m 644 packaging/qgreplay.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/qgreplay.conf
	install -D -m 644 packaging/qgreplay.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/qgreplay.conf

clean:
	rm -rf build

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

# On an empty machine nothing can be compiled before the packages are there, however many jobs make runs.
ifneq ($(filter deps,$(MAKECMDGOALS)),)
$(BUILD)/flags: deps
endif

FORCE:
.DELETE_ON_ERROR:
.PHONY: all test test-build check asan tsan valgrind coverage fuzz fuzz-build truth soak bench demo deps format \
	format-check hdr-check layers lint install clean help FORCE

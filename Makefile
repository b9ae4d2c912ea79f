# qgreplay - replay of btrfs qgroup reservation traces
CC ?= gcc
BUILD ?= build
PACKAGES = libtraceevent libzstd zlib jansson libseccomp nettle
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wvla \
	-Wformat=2 -Wundef -Wswitch-enum -Wconversion -Werror
OPT ?= -O2 -g
CFLAGS_ALL = -std=c11 -D_GNU_SOURCE -I. $(OPT) $(WARNINGS) $(shell pkg-config --cflags $(PACKAGES)) $(CFLAGS)
LIBS = $(shell pkg-config --libs $(PACKAGES))
LIB_SOURCES = $(wildcard base/*.c collector/*.c analyzer/*.c)
CMD_SOURCES = $(wildcard cmd/*.c)
objects = $(patsubst %.c,$(BUILD)/%.o,$(1))
all: $(BUILD)/qgreplay
$(BUILD)/qgreplay: $(call objects,$(CMD_SOURCES)) $(BUILD)/libqgreplay.a
	$(CC) $(CFLAGS_ALL) -o $@ $^ $(LIBS)
$(BUILD)/libqgreplay.a: $(call objects,$(LIB_SOURCES))
	rm -f $@ && $(AR) rcs $@ $^
$(BUILD)/%.o: %.c
	@mkdir -p $(dir $@)
	$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
clean:
	rm -rf build
.PHONY: all clean

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event - the one event struct that every source makes and everything downstream reads.
 *
 * Names of kernels before and after 6.16 are one kind (qgroup_update_reserve and btrfs_qgroup_update_reserve),
 * numbers are the kernel's own 64-bit values, and all amounts are bytes. Which field of the struct holds which field
 * of the kernel's event is said once, in the table of event.c, and used by every decoder and by the writer of text.
 * Sources of the layouts: the events' own format files, kernels 4.4 to 6.18.
 */
#ifndef QGREPLAY_BASE_EVENT_H
#define QGREPLAY_BASE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct names;

enum event_kind {
	EVENT_NONE = 0,
	EVENT_RESERVE_DATA,
	EVENT_RELEASE_DATA, /* both op=release and op=free */
	EVENT_UPDATE_RESERVE,
	EVENT_META_RESERVE,
	EVENT_META_CONVERT,
	EVENT_META_FREE_ALL_PERTRANS,
	EVENT_FREE_DELAYED_REF,
	EVENT_ACCOUNT_EXTENTS,
	EVENT_ACCOUNT_EXTENT,
	EVENT_UPDATE_COUNTERS,
	EVENT_NUM_DIRTY_EXTENTS,
	EVENT_TRANSACTION_COMMIT,
	EVENT_INODE_NEW,
	EVENT_INODE_REQUEST,
	EVENT_INODE_EVICT,
	EVENT_ORDERED_ADD,
	EVENT_ORDERED_REMOVE,
	EVENT_ORDERED_SPLIT,
	EVENT_SET_EXTENT_BIT,
	EVENT_CLEAR_EXTENT_BIT,
	EVENT_ADD_DELAYED_REF_HEAD,
	EVENT_ADD_DELAYED_DATA_REF,
	EVENT_RUN_DELAYED_DATA_REF,
	EVENT_SYNC_FILE, /* context for the reader: the replay passes it over */
	EVENT_PRINT,	 /* the same: what someone wrote to trace_marker; `flags` is its number in the table of texts */
	EVENT_LOST,	 /* not the kernel's: events of one CPU are missing here, see struct event */
	EVENT_COUNT
};

/* The value of `op`: the kernel's own bits (include/trace/events/btrfs.h, QGROUP_RESERVE and its like). */
enum event_op { EVENT_OP_NONE = 0, EVENT_OP_RESERVE = 1, EVENT_OP_RELEASE = 2, EVENT_OP_FREE = 4 };

/* The value of `type`: the kernel's enum btrfs_qgroup_rsv_type, and two for everything else. */
enum event_type {
	EVENT_TYPE_DATA = 0,
	EVENT_TYPE_META_PERTRANS = 1,
	EVENT_TYPE_META_PREALLOC = 2,
	EVENT_TYPE_GARBAGE = 254, /* a number that means nothing: never set (4.17 to 5.3.7, fixed by fd2b007eaec8) */
	EVENT_TYPE_UNKNOWN = 255  /* absent (before 4.17), or a word that nobody knows */
};

/* Bits of `flags` of the ordered extent events: the kernel's BTRFS_ORDERED_* as bits (5.9 and later). */
enum {
	EVENT_ORDERED_REGULAR = 1 << 0,
	EVENT_ORDERED_NOCOW = 1 << 1,
	EVENT_ORDERED_PREALLOC = 1 << 2,
	EVENT_ORDERED_COMPRESSED = 1 << 3,
	EVENT_ORDERED_DIRECT = 1 << 4
};

/* EXTENT_QGROUP_RESERVED in `flags` of the extent bit events (6.1, 6.12, 6.18). */
enum { EVENT_BIT_QGROUP_RESERVED = 0x1000 };

/*
 * One event. A field that an event kind does not have is 0.
 *
 * EVENT_LOST: `cpu` is where, `time_ns` the time of the first event of that CPU after the gap, `start` the time in ns
 * of the last one before it (0 when there was none), `bytes` how many events are missing (0 when nobody knows).
 */
struct event {
	uint64_t number;  /* 1 for the first event of the trace, in the order of reading; makes evidence citable */
	uint64_t time_ns; /* the trace's own clock */
	uint64_t root;	  /* root or refroot; qgid in update_reserve and update_counters */
	uint64_t ino;
	uint64_t start; /* file offset in bytes; bytenr in account and delayed ref events; cur_old_count */
	uint64_t len;	/* bytes; old_excl */
	uint64_t bytes; /* reserved=, cur_reserved=, generation, disk bytenr, offset of a delayed data ref, old_rfer,
			   nr_old_roots */
	int64_t diff;	/* diff= of update_reserve and the meta events; cur_new_count, nr_new_roots */
	uint32_t comm;	/* name of the task, in the trace's table of task names; 0 when unknown */
	int32_t pid;
	uint32_t flags; /* ordered extent flags, extent bits */
	uint16_t fs;	/* number of the fsid in the trace's table of filesystem ids; 0 when unknown (before 4.8) */
	uint16_t cpu;
	uint8_t kind; /* enum event_kind */
	uint8_t op;   /* enum event_op; the action of delayed ref events */
	uint8_t type; /* enum event_type */
};

/* Which member of struct event a field of the kernel's event fills. */
enum event_member {
	EVENT_MEMBER_NONE = 0,
	EVENT_MEMBER_ROOT,
	EVENT_MEMBER_INO,
	EVENT_MEMBER_START,
	EVENT_MEMBER_LEN,
	EVENT_MEMBER_BYTES,
	EVENT_MEMBER_DIFF,
	EVENT_MEMBER_FLAGS,
	EVENT_MEMBER_OP,
	EVENT_MEMBER_TYPE
};

enum { EVENT_FIELDS_MAX = 8 };

/*
 * A field of a kernel event: its name in the binary record (format file, report -R), its name in the printed text,
 * and where it goes. `raw` and `text` differ in few (rootid and root). `required`: without it the event is useless
 * and the format is refused; otherwise the member stays 0 (EVENT_TYPE_UNKNOWN for a type).
 */
struct event_field {
	const char *raw;
	const char *text;
	enum event_member member;
	bool required;
};

/* What an event kind is called and made of. Fields end with a NULL name. */
struct event_info {
	const char *name;     /* today's kernel name, such as "btrfs_qgroup_update_reserve" */
	const char *old_name; /* the name before 6.16, or NULL */
	struct event_field fields[EVENT_FIELDS_MAX];
};

/* The table entry of a kind (any value below EVENT_COUNT). */
const struct event_info *event_info(enum event_kind kind);

/*
 * What a kind is called in the store, on the command line and in exports: the kernel's name of today without "btrfs_",
 * such as "qgroup_reserve_data" and "print"; EVENT_LOST is "lost_events".
 */
const char *event_kind_name(enum event_kind kind);

/* The kernel's words for op and type of an event, such as "reserve" and "META_PREALLOC"; NULL where it has none. */
const char *event_op_name(const struct event *event);
const char *event_type_name(const struct event *event);

/* Whether events of that kind have the member at all: what they do not have is shown as absent, not as 0. */
bool event_kind_has(enum event_kind kind, enum event_member member);

/* The kind that a kernel name (old or new, `length` bytes, without a "btrfs:" in front) means, or EVENT_NONE. */
enum event_kind event_kind_of(const char *name, size_t length);

/* Whether the event says of which type it is. */
static inline bool event_has_type(const struct event *event)
{
	return event->type <= EVENT_TYPE_META_PREALLOC;
}

/* Whether an event is there for its reader only and says nothing of reservations. */
static inline bool event_is_context(const struct event *event)
{
	return event->kind == EVENT_SYNC_FILE || event->kind == EVENT_PRINT;
}

/* Puts a value into a member, as the raw bits of the kernel's field. */
void event_set(struct event *event, enum event_member member, uint64_t value);
uint64_t event_get(const struct event *event, enum event_member member);

/* Room for the longest text that event_text() writes, with its NUL. */
enum { EVENT_TEXT_MAX = 400 };

/*
 * Writes the body of an event as today's kernel prints it, without task, time and fsid, such as
 * "btrfs_qgroup_reserve_data: root=256 ino=257 start=0 len=4096 reserved=4096 op=reserve", cut off at `size` bytes and
 * always ended by a NUL. Returns `text`.
 */
char *event_text(const struct event *event, char *text, size_t size);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * klog - what the kernel said of its quota groups in its log, statement by statement.
 *
 * Source of the statements: fs/btrfs/qgroup.c, qgroup_rsv_release() (with CONFIG_BTRFS_DEBUG),
 * btrfs_check_quota_leak() and btrfs_qgroup_check_reserved_leak(), kernels 5.9 to 6.18.
 */
#ifndef QGREPLAY_BASE_KLOG_H
#define QGREPLAY_BASE_KLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum klog_kind {
	KLOG_UNDERFLOW,	   /* "qgroup 256 data reserved space underflow, have 4096 to free 8192" */
	KLOG_UNRELEASED,   /* "qgroup 0/256 has unreleased space, type 0 rsv 20480", at the unmount */
	KLOG_LEAKED,	   /* "qgroup reserved space leaked", behind those */
	KLOG_LEAKING,	   /* "leaking qgroup reserved space, ino: 257, start: 0, end: 4095", at an inode's end */
	KLOG_INCONSISTENT, /* "qgroup marked inconsistent", "qgroup is inconsistent": usage, not reservations */
	KLOG_KIND_COUNT
};

enum { KLOG_DEVICE_MAX = 32 };

/* One statement. What its kind does not say is 0. */
struct klog_line {
	enum klog_kind kind;
	uint64_t line; /* of the file, from 1 */
	bool timed;
	uint64_t time_ns; /* since the machine was started, where `timed` */
	uint64_t qgid;
	uint8_t type;		      /* the kernel's enum btrfs_qgroup_rsv_type, as enum event_type */
	uint64_t have_bytes;	      /* underflow: the counter before */
	uint64_t bytes;		      /* underflow: what was to be freed; unreleased: what the counter held */
	uint64_t ino;		      /* leaking */
	uint64_t start;		      /* leaking: first byte */
	uint64_t end;		      /* leaking: last byte */
	char device[KLOG_DEVICE_MAX]; /* "sda", or empty */
};

struct klog {
	struct klog_line *lines; /* in the order of the file */
	size_t count;
	size_t capacity;
	uint64_t left_out;   /* statements beyond KLOG_LINES_KEPT */
	uint64_t file_lines; /* all lines of the file */
	char *kernel; /* release and version, "6.1.0-56-amd64 #1 SMP Debian 6.1.192-2", when the log names them; or NULL
		       */
};

enum { KLOG_LINES_KEPT = 4096 };

/* Frees what a log owns; an empty one is all zero. */
void klog_release(struct klog *klog);

/* "underflow", "unreleased", "leaked", "leaking", "inconsistent". */
const char *klog_kind_name(enum klog_kind kind);

#endif

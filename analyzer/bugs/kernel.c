/* SPDX-License-Identifier: GPL-2.0-only */
#include "analyzer/bugs/kernel.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Where a name ends: at the blank before the version. */
static const char *name_end(const char *text)
{
	return text + strcspn(text, " \t\n");
}

static bool holds(const char *from, const char *end, const char *word)
{
	return memmem(from, (size_t)(end - from), word, strlen(word)) != NULL;
}

static bool ends_with(const char *from, const char *end, const char *word)
{
	size_t length = strlen(word);

	return (size_t)(end - from) >= length && memcmp(end - length, word, length) == 0;
}

/*
 * Builds of Debian 12: 6.1.0-N came out as these stable releases. Source: the changelog of its package linux, up to
 * 6.1.192-2 ("Bump ABI to N"; from 6.1.147-1 on every upload has a number of its own).
 */
static const struct {
	unsigned char build;
	unsigned char first;
	unsigned char last;
} debian12[] = {
	{2, 7, 7},
	{3, 8, 8},
	{4, 11, 11},
	{5, 12, 12},
	{6, 15, 15},
	{7, 20, 20},
	{8, 25, 25},
	{9, 27, 27},
	{10, 37, 38},
	{11, 38, 38},
	{12, 52, 52},
	{13, 55, 55},
	{14, 64, 64},
	{15, 66, 66},
	{16, 67, 67},
	{17, 69, 69},
	{18, 76, 76},
	{19, 82, 82},
	{20, 85, 85},
	{21, 90, 90},
	{22, 94, 94},
	{23, 98, 99},
	{24, 106, 106},
	{25, 106, 106},
	{26, 112, 112},
	{27, 115, 115},
	{28, 119, 119},
	{29, 123, 123},
	{30, 124, 124},
	{31, 128, 128},
	{32, 129, 129},
	{33, 133, 133},
	{34, 135, 135},
	{35, 137, 137},
	{36, 139, 139},
	{37, 140, 140},
	{38, 147, 147},
	{39, 148, 148},
	{40, 153, 153},
	{41, 158, 158},
	{42, 159, 159},
	{43, 162, 162},
	{44, 164, 164},
	{45, 170, 170},
	{46, 170, 170},
	{47, 170, 170},
	{48, 172, 172},
	{49, 174, 174},
	{50, 176, 176},
	{51, 177, 177},
	{52, 180, 180},
	{53, 187, 187},
	{54, 190, 190},
	{55, 192, 192},
	{56, 192, 192},
};

enum { DEBIAN12_BUILDS = sizeof(debian12) / sizeof(debian12[0]) };

/* Ubuntu, too, had a 6.1.0-16: only Debian calls the rest of the name after an architecture. */
static bool is_debian_flavour(const char *flavour, const char *end)
{
	static const char *const flavours[] = {
		"amd64", "arm64", "-686", "686-pae", "armmp", "armmp-lpae", "powerpc64le", "s390x"};

	for (size_t i = 0; i < sizeof(flavours) / sizeof(flavours[0]); i++)
		if (ends_with(flavour, end, flavours[i]))
			return true;
	return false;
}

static void read_debian_build(struct kernel *kernel, const char *rest, const char *end)
{
	char *flavour;
	unsigned long build;

	if (kernel->major != 6 || kernel->minor != 1 || *rest != '-' || !isdigit((unsigned char)rest[1]))
		return;
	build = strtoul(rest + 1, &flavour, 10);
	if (flavour >= end || *flavour != '-' || !is_debian_flavour(flavour, end))
		return;
	if (build > debian12[DEBIAN12_BUILDS - 1].build)
		kernel->low = debian12[DEBIAN12_BUILDS - 1].last;
	for (size_t i = 0; i < DEBIAN12_BUILDS; i++) {
		if (debian12[i].build != build)
			continue;
		kernel->low = debian12[i].first;
		kernel->high = debian12[i].last;
	}
}

/* "#1 SMP PREEMPT_DYNAMIC Debian 6.1.170-3 (2026-05-08)" */
static void read_debian_version(struct kernel *kernel, const char *version)
{
	static const char word[] = "Debian ";
	const char *at = strstr(version, word);
	unsigned long parts[3] = {0};

	for (int i = 0; at != NULL && i < 3; i++) {
		char *next;

		at += i == 0 ? sizeof(word) - 1 : 1;
		if (!isdigit((unsigned char)*at))
			return;
		parts[i] = strtoul(at, &next, 10);
		at = next;
		if (i < 2 && *at != '.')
			return;
	}
	if (at == NULL || *at != '-' || parts[0] != kernel->major || parts[1] != kernel->minor)
		return;
	kernel->low = kernel->high = parts[2];
}

/* SUSE's enterprise kernels: "-150600.23-default", "-24.96-default"; Tumbleweed's are "-1-default". */
static bool is_suse_enterprise(const char *rest, const char *end)
{
	size_t digits = *rest == '-' ? strspn(rest + 1, "0123456789") : 0;
	const char *dot = rest + 1 + digits;

	if (digits == 0 || *dot != '.' || !isdigit((unsigned char)dot[1]))
		return false;
	while (dot < end && (*dot == '.' || isdigit((unsigned char)*dot)))
		dot++;
	return dot < end && *dot == '-';
}

/* Kernels whose makers take fixes on their own: the number says what they began with. */
static bool takes_other_fixes(const char *rest, const char *end)
{
	static const char *const marks[] = {".el6", ".el7", ".el8", ".el9", ".el10", "uek", "-pve", "-generic",
		"-lowlatency", "-azure", "-aws", "-gcp", "-oracle", "-oem", "+git"};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (holds(rest, end, marks[i]))
			return true;
	return is_suse_enterprise(rest, end);
}

/* Where a third number of 0 is the stable series' own: a plain name, Fedora's and Arch's. */
static bool is_first_release(const char *rest, const char *end)
{
	return rest == end || holds(rest, end, ".fc") || holds(rest, end, "-arch");
}

static void read_bounds(struct kernel *kernel, unsigned long third, const char *rest, const char *version)
{
	const char *end = name_end(rest);
	/* The archive of mainline builds names them 6.9.7-060907-generic. */
	bool mainline_build = third != 0 && holds(rest, end, "-generic") && rest[1] == '0';
	bool exact = third != 0 ? mainline_build || !takes_other_fixes(rest, end) : is_first_release(rest, end);

	kernel->low = third;
	kernel->high = exact ? third : KERNEL_ANY_FIX;
	if (third == 0)
		read_debian_build(kernel, rest, end);
	read_debian_version(kernel, version);
}

/* "-rc3", Fedora's "-0.rc3.20260101git1" */
static void read_candidate(struct kernel *kernel, const char *rest, const char *end)
{
	const char *mark = memmem(rest, (size_t)(end - rest), "rc", 2);
	bool marked = mark != NULL && mark > rest && (mark[-1] == '-' || mark[-1] == '.');
	char *after;

	if (!marked || !isdigit((unsigned char)mark[2]))
		return;
	kernel->candidate = true;
	kernel->rc = strtoul(mark + 2, &after, 10);
	if (holds(after, end, "next") || holds(after, end, "git") || holds(after, end, "-g"))
		kernel->rc = 0;
}

struct kernel kernel_read(const char *text)
{
	struct kernel kernel = {0};
	unsigned long parts[3] = {0};
	int count = 0;
	const char *at = text;

	while (at != NULL && count < 3 && isdigit((unsigned char)*at)) {
		char *next;

		parts[count++] = strtoul(at, &next, 10);
		at = next;
		if (*at != '.')
			break;
		at++;
	}
	if (count < 2)
		return kernel;
	kernel.known = true;
	kernel.major = parts[0];
	kernel.minor = parts[1];
	read_candidate(&kernel, at, name_end(at));
	if (!kernel.candidate)
		read_bounds(&kernel, parts[2], at, name_end(at));
	return kernel;
}

bool kernel_is_translated(const struct kernel *kernel, const char *text)
{
	unsigned long third = 0;
	const char *dot = text != NULL ? strchr(text, '.') : NULL;

	dot = dot != NULL ? strchr(dot + 1, '.') : NULL;
	if (dot != NULL && isdigit((unsigned char)dot[1]))
		third = strtoul(dot + 1, NULL, 10);
	return kernel->known && !kernel->candidate && kernel->low == kernel->high && kernel->low != third;
}

/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/report_choice.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum err read_format(struct report_choice *choice, const char *text, struct error *error)
{
	choice->format = report_format_named(text);
	return choice->format != NULL ? ERR_OK
				      : error_set(error, ERR_USAGE,
						"there is no format '%s', use text, json, mail, sarif or junit", text);
}

static enum err read_fsid(struct report_choice *choice, const char *text, struct error *error)
{
	size_t length = strlen(text);

	if (length == 0 || length > FSID_TEXT || text[strspn(text, "0123456789abcdefABCDEF-")] != '\0')
		return error_set(error, ERR_USAGE,
			"--fsid wants a filesystem id as `btrfs filesystem show` prints it, not '%s'", text);
	for (size_t i = 0; i <= length; i++)
		choice->fsid[i] = (char)tolower((unsigned char)text[i]);
	choice->report.filter.fsid = choice->fsid;
	return ERR_OK;
}

static enum err read_colour(struct report_choice *choice, const char *text, struct error *error)
{
	const char *refused = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	choice->report.colour = strcmp(text, "always") == 0;
	if (choice->report.colour || strcmp(text, "never") == 0)
		return ERR_OK;
	if (strcmp(text, "auto") != 0)
		return error_set(error, ERR_USAGE, "--colour wants auto, always or never, not '%s'", text);
	choice->report.colour = (refused == NULL || *refused == '\0') && terminal != NULL &&
				strcmp(terminal, "dumb") != 0 && isatty(STDOUT_FILENO);
	return ERR_OK;
}

enum err report_choice_severity(enum finding_severity *severity, const char *text, struct error *error)
{
	for (int i = 0; i < SEVERITY_COUNT; i++) {
		*severity = (enum finding_severity)i;
		if (strcmp(finding_severity_name(*severity), text) == 0)
			return ERR_OK;
	}
	return error_set(error, ERR_USAGE, "there is no severity '%s', use error, warning or note", text);
}

void report_choice_init(struct report_choice *choice)
{
	*choice = (struct report_choice){.format = &report_text};
	choice->report.version = QGREPLAY_VERSION;
	choice->report.fail_on = SEVERITY_ERROR;
	read_colour(choice, "auto", NULL);
}

enum err report_choice_take(struct report_choice *choice, int code, const char *text, bool *taken, struct error *error)
{
	struct report_filter *filter = &choice->report.filter;

	*taken = true;
	switch (code) {
	case REPORT_CHOICE_FORMAT:
		return read_format(choice, text, error);
	case REPORT_CHOICE_FAIL_ON:
		return report_choice_severity(&choice->report.fail_on, text, error);
	case REPORT_CHOICE_FSID:
		return read_fsid(choice, text, error);
	case REPORT_CHOICE_ROOT:
		filter->has_root = true;
		return command_number(&filter->root, text, "--root", true, error);
	case REPORT_CHOICE_INO:
		filter->has_ino = true;
		return command_number(&filter->ino, text, "--ino", false, error);
	case REPORT_CHOICE_COLOUR:
		return read_colour(choice, text, error);
	case REPORT_CHOICE_ALL:
		choice->report.all = true;
		return ERR_OK;
	default:
		*taken = false;
		return ERR_OK;
	}
}

enum command_exit report_choice_verdict(
	const struct report_choice *choice, const struct report_totals *totals, size_t failure_count)
{
	if (failure_count != 0 || totals->places == 0)
		return COMMAND_TROUBLE;
	for (int severity = (int)choice->report.fail_on; severity < SEVERITY_COUNT; severity++)
		if (totals->severities[severity] != 0)
			return COMMAND_FOUND;
	return COMMAND_CLEAN;
}

void report_choice_warn(const struct report_totals *totals, const struct command_call *call)
{
	if (totals->traces != 0 && totals->places == 0)
		call->trouble(
			"no trace holds that filesystem and root, leave out --fsid and --root to see which there are");
}

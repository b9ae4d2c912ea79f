/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * events - prints events of a stored trace: all, some, or those around a finding.
 *
 * What may be wanted is copied out of the store first, so that a reader who takes its time, such as a pager, does not
 * keep writers waiting. A block that is damaged is told of and passed over.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/command.h"
#include "cmd/db_option.h"
#include "cmd/event_choice.h"
#include "cmd/event_out.h"
#include "cmd/events_around.h"
#include "cmd/stored_spool.h"
#include "collector/source.h"
#include "collector/stored.h"

enum { CONTEXT_DEFAULT = 5, CONTEXT_MAX = 100000 };

enum option_code {
	OPTION_FORMAT = 'f',
	OPTION_HELP = 'h',
	OPTION_INO = 'i',
	OPTION_KIND = 'k',
	OPTION_LIMIT = 'n',
	OPTION_ROOT = 'r',
	OPTION_TRACE = 't',
	OPTION_DB = 256,
	OPTION_AROUND,
	OPTION_CONTEXT,
	OPTION_FROM,
	OPTION_TO
};

static const struct option longs[] = {
	{"around", required_argument, NULL, OPTION_AROUND},
	{"context", required_argument, NULL, OPTION_CONTEXT},
	{"db", required_argument, NULL, OPTION_DB},
	{"format", required_argument, NULL, OPTION_FORMAT},
	{"from", required_argument, NULL, OPTION_FROM},
	{"help", no_argument, NULL, OPTION_HELP},
	{"ino", required_argument, NULL, OPTION_INO},
	{"kind", required_argument, NULL, OPTION_KIND},
	{"limit", required_argument, NULL, OPTION_LIMIT},
	{"root", required_argument, NULL, OPTION_ROOT},
	{"to", required_argument, NULL, OPTION_TO},
	{"trace", required_argument, NULL, OPTION_TRACE},
	{NULL, 0, NULL, 0},
};

struct events {
	struct command_call *call;
	const char *db;
	uint64_t trace; /* 0: not given */
	struct event_choice choice;
	uint64_t finding; /* of --around; 0: not given */
	bool context_given;
	uint64_t context;
	struct events_around *around;
	struct event_out out;
};

static enum err read_format(struct events *events, const char *text, struct error *error)
{
	for (int form = 0; form < EVENT_OUT_COUNT; form++) {
		events->out.form = (enum event_out_form)form;
		if (strcmp(text, event_out_form_name(events->out.form)) == 0)
			return ERR_OK;
	}
	return error_set(error, ERR_USAGE, "there is no format '%s' here, use text, csv, json or jsonl", text);
}

static enum err read_context(struct events *events, const char *text, struct error *error)
{
	enum err err = command_number(&events->context, text, "--context", false, error);

	events->context_given = true;
	if (err == ERR_OK && events->context > CONTEXT_MAX)
		return error_set(error, ERR_USAGE, "--context wants at most %d events, not '%s'", CONTEXT_MAX, text);
	return err;
}

/* Which events. */
static enum err read_choice(struct events *events, int code, struct error *error)
{
	struct event_choice *choice = &events->choice;

	switch (code) {
	case OPTION_ROOT:
		choice->wish.has_root = true;
		return command_number(&choice->wish.root, optarg, "--root", true, error);
	case OPTION_INO:
		choice->wish.has_ino = true;
		return command_number(&choice->wish.ino, optarg, "--ino", true, error);
	case OPTION_KIND:
		return event_choice_kind(choice, optarg, error);
	case OPTION_FROM:
		return event_choice_from(choice, optarg, error);
	default:
		return event_choice_to(choice, optarg, error);
	}
}

static enum err read_option(struct events *events, int code, struct error *error)
{
	switch (code) {
	case OPTION_DB:
		events->db = optarg;
		return ERR_OK;
	case OPTION_TRACE:
		return command_number(&events->trace, optarg, "--trace", false, error);
	case OPTION_AROUND:
		return command_number(&events->finding, optarg, "--around", false, error);
	case OPTION_CONTEXT:
		return read_context(events, optarg, error);
	case OPTION_LIMIT:
		events->out.limited = true;
		return command_number(&events->out.limit, optarg, "--limit", false, error);
	case OPTION_FORMAT:
		return read_format(events, optarg, error);
	case OPTION_HELP:
		events->call->help_wanted = true;
		return ERR_OK;
	case OPTION_ROOT:
	case OPTION_INO:
	case OPTION_KIND:
	case OPTION_FROM:
	case OPTION_TO:
		return read_choice(events, code, error);
	default:
		return command_option_refused(code, events->call, error);
	}
}

static enum err refuse_mixtures(const struct events *events, struct error *error)
{
	const struct command_call *call = events->call;

	if (optind < call->argc)
		return error_set(error, ERR_USAGE, "events takes no argument like '%s', try 'qgreplay events --help'",
			call->argv[optind]);
	if (events->trace == 0)
		return error_set(error, ERR_USAGE, "events wants --trace N, 'qgreplay traces' lists which there are");
	if (events->finding != 0 && !event_choice_is_all(&events->choice))
		return error_set(error, ERR_USAGE,
			"--around chooses the events by itself, leave out --root, --ino, --kind, --from and --to");
	if (events->finding == 0 && events->context_given)
		return error_set(error, ERR_USAGE, "--context belongs to --around FINDING");
	return ERR_OK;
}

static enum err read_options(struct events *events, struct error *error)
{
	struct command_call *call = events->call;
	enum err err = ERR_OK;
	int code;

	opterr = 0;
	optind = 0;
	while (err == ERR_OK && (code = getopt_long(call->argc, call->argv, ":hf:i:k:n:r:t:", longs, NULL)) != -1) {
		err = read_option(events, code, error);
		if (call->help_wanted)
			return ERR_OK;
	}
	return err == ERR_OK ? refuse_mixtures(events, error) : err;
}

static enum err take(void *context, const struct event *all, size_t count, struct error *error)
{
	struct events *events = context;
	enum err err = ERR_OK;

	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		if (event_out_is_full(&events->out))
			return ERR_STOPPED;
		if (!event_choice_takes(&events->choice, &all[i]))
			continue;
		if (events->around != NULL) {
			err = events_around_take(events->around, &all[i], events->context, &events->out, error);
			continue;
		}
		err = event_out_put(&events->out, &all[i], NULL, error);
	}
	/* A pager that was left needs no more; main tells of other trouble. */
	return err == ERR_OK && ferror(events->out.stream) ? ERR_STOPPED : err;
}

static void tell_of_damage(void *context, const struct error *error)
{
	struct events *events = context;

	event_out_hole(&events->out);
	events->call->trouble(error->text);
	events->call->exit_code = COMMAND_TROUBLE;
}

static enum err print_spool(struct events *events, const struct stored_spool *spool, struct error *error)
{
	const struct stored_options options = {.name = spool->name,
		.whole = events->around == NULL && event_choice_is_all(&events->choice),
		.damaged = tell_of_damage,
		.context = events};
	const struct sink sink = {take, events};
	struct source *source = NULL;
	enum err err = source_open_stored_part(&source, spool->fd, &options, error);

	if (err != ERR_OK)
		return err;
	events->out.stream = stdout;
	events->out.trace = events->trace;
	events->out.info = source_info(source);
	events->out.roles = events->around != NULL;
	if (events->around != NULL)
		events->out.title = events_around_title(events->around);
	else if (!event_choice_is_all(&events->choice) || events->out.limited)
		events->out.title = "Some events of a trace: nothing can be concluded from what is not here.";
	event_out_begin(&events->out);
	err = source_read(source, &sink, error);
	event_out_end(&events->out);
	source_close(source);
	return err == ERR_STOPPED ? ERR_OK : err;
}

/* Where all events are wanted, a limit says how far. */
static void shorten(struct events *events)
{
	uint64_t first = events->choice.slice.first_seq > 1 ? events->choice.slice.first_seq : 1;
	struct event_choice rest = events->choice;

	rest.slice = event_choice_all.slice;
	if (events->out.limited && event_choice_is_all(&rest) && events->choice.slice.last_seq > first &&
		events->out.limit < events->choice.slice.last_seq - first)
		events->choice.slice.last_seq = first + events->out.limit;
}

static enum err copy_out(struct events *events, struct stored_spool *spool, struct error *error)
{
	struct stored_spool_part part;
	struct store *store = NULL;
	enum err err = db_option_open(&store, events->db, STORE_READ, error);

	if (err == ERR_OK && events->finding != 0) {
		err = events_around_new(&events->around, store, events->trace, events->finding, error);
		if (err == ERR_OK)
			events->choice = events_around_choice(events->around);
	}
	if (events->around == NULL)
		shorten(events);
	if (err == ERR_OK) {
		part = event_choice_part(&events->choice);
		err = stored_spool_open(spool, store, events->trace, &part, error);
	}
	store_close(store);
	return err;
}

static enum err run(struct command_call *call, struct error *error)
{
	struct events events = {.call = call, .choice = event_choice_all, .context = CONTEXT_DEFAULT};
	struct stored_spool spool = {0};
	enum err err = read_options(&events, error);

	if (err != ERR_OK || call->help_wanted)
		return err;
	err = copy_out(&events, &spool, error);
	if (err == ERR_OK)
		err = print_spool(&events, &spool, error);
	stored_spool_close(&spool);
	events_around_free(events.around);
	return err;
}

const struct command command_events = {
	.name = "events",
	.summary = "Prints events of a stored trace, or those around a finding",
	.synopsis = "events --trace N [options]",
	.about =
		"Text is what tracefs prints, with a head, and `qgreplay check` reads it. Without the lines that were\n"
		"left out it proves nothing: `qgreplay check --cut` makes a text that does.\n",
	.options =
		"      --db FILE        the store (default: $QGREPLAY_DB, else qgreplay.db)\n"
		"  -t, --trace N        the trace, by its number in `qgreplay traces`\n"
		"  -r, --root ROOT      only events of this root (of all kinds that name one)\n"
		"  -i, --ino INODE      only events of this inode\n"
		"  -k, --kind KIND      only events of this kind, such as qgroup_reserve_data; may be given several "
		"times\n"
		"      --from PLACE     only from this event or time on: the number of an event, seconds such as\n"
		"                       19.838568, or nanoseconds such as 19838568000ns\n"
		"      --to PLACE       only up to this one\n"
		"      --around N       the events that prove finding N, marked with what they show, and those of the\n"
		"                       same inode and its tasks around each of them\n"
		"      --context COUNT  how many before and after each (default: 5)\n"
		"  -n, --limit COUNT    no more than so many\n"
		"  -f, --format FORMAT  text (default), csv, json or jsonl (an object on each line); csv and json "
		"have\n"
		"                       the columns of the table event, with its signed numbers\n"
		"  -h, --help           show this help\n",
	.examples = "  qgreplay events --trace 3 --root 257 --ino 261\n"
		    "  qgreplay events --trace 3 --around 1 --context 20 | less\n"
		    "  qgreplay events --trace 3 --kind transaction_commit --format csv\n",
	.exits = "  0  the events were printed\n",
	.run = run,
};

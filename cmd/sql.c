/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sql - runs one query that reads over a store, events included, and prints its rows as they come.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cmd/command.h"
#include "cmd/db_option.h"
#include "cmd/sql_out.h"

/* Of a query from stdin. */
enum { QUERY_BYTES_MAX = 1024 * 1024 };

enum option_code { OPTION_FORMAT = 'f', OPTION_HELP = 'h', OPTION_DB = 256 };

static const struct option longs[] = {
	{"db", required_argument, NULL, OPTION_DB},
	{"format", required_argument, NULL, OPTION_FORMAT},
	{"help", no_argument, NULL, OPTION_HELP},
	{NULL, 0, NULL, 0},
};

struct sql {
	const char *db;
	const char *format;
	const char *query;
};

static enum err read_query(struct sql *sql, const struct command_call *call, struct error *error)
{
	if (optind == call->argc)
		return error_set(error, ERR_USAGE, "sql wants a query, try \"qgreplay sql 'SELECT * FROM trace'\"");
	if (optind + 1 < call->argc)
		return error_set(error, ERR_USAGE, "sql wants one query in quotes, '%s' follows another word",
			call->argv[optind + 1]);
	sql->query = call->argv[optind];
	return ERR_OK;
}

static enum err read_options(struct sql *sql, struct command_call *call, struct error *error)
{
	int code;

	opterr = 0;
	optind = 0;
	while ((code = getopt_long(call->argc, call->argv, ":hf:", longs, NULL)) != -1) {
		if (code == OPTION_DB)
			sql->db = optarg;
		else if (code == OPTION_FORMAT)
			sql->format = optarg;
		else if (code == OPTION_HELP)
			call->help_wanted = true;
		else
			return command_option_refused(code, call, error);
		if (call->help_wanted)
			return ERR_OK;
	}
	return read_query(sql, call, error);
}

/* All of stdin; `*text` is to be freed. */
static enum err read_stdin(char **text, struct error *error)
{
	size_t size = 0;

	*text = memory_zeroed(QUERY_BYTES_MAX + 1);
	size = fread(*text, 1, QUERY_BYTES_MAX + 1, stdin);
	if (ferror(stdin))
		return error_set(error, ERR_SYSTEM, "cannot read the query from stdin: %s", strerror(errno));
	if (size > QUERY_BYTES_MAX)
		return error_set(error, ERR_LIMIT, "the query on stdin is longer than 1 MiB");
	if (strlen(*text) != size)
		return error_set(error, ERR_USAGE, "the query on stdin holds a NUL byte, which no SQL does");
	return ERR_OK;
}

static enum err run_query(const struct sql *sql, const char *query, struct sql_out *out, struct error *error)
{
	const struct store_query_sink sink = sql_out_sink(out);
	struct store *store = NULL;
	enum err err = db_option_open(&store, sql->db, STORE_READ, error);

	if (err == ERR_OK)
		err = store_query(store, query, &sink, error);
	if (err == ERR_OK)
		sql_out_end(out);
	store_close(store);
	/* Why stdout takes no more is told by main. */
	return err == ERR_STOPPED ? ERR_OK : err;
}

static enum err run(struct command_call *call, struct error *error)
{
	struct sql sql = {.format = "text", .query = ""};
	struct sql_out *out = NULL;
	char *text = NULL;
	enum err err = read_options(&sql, call, error);

	if (err != ERR_OK || call->help_wanted)
		return err;
	out = sql_out_new(stdout, sql.format);
	if (out == NULL)
		err = error_set(error, ERR_USAGE, "there is no format '%s', use text, csv, json or jsonl", sql.format);
	else if (strcmp(sql.query, "-") == 0)
		err = read_stdin(&text, error);
	if (err == ERR_OK)
		err = run_query(&sql, text != NULL ? text : sql.query, out, error);
	sql_out_free(out);
	free(text);
	return err;
}

const struct command command_sql = {
	.name = "sql",
	.summary = "Runs a query that reads over a store, events included",
	.synopsis = "sql [options] QUERY|-",
	.about = "QUERY is one SELECT, in SQLite's SQL; '-' reads it from stdin. Besides the tables of the store there "
		 "are\n"
		 "event (every event of every trace) and gap (where events are missing); the manual lists their "
		 "columns.\n"
		 "Conditions on trace, seq, time_ns, root, ino and kind are quick. Nothing can be written.\n",
	.options = "      --db FILE        the store (default: $QGREPLAY_DB, else qgreplay.db)\n"
		   "  -f, --format FORMAT  text (default), csv, json (an array), or jsonl (an object a line)\n"
		   "  -h, --help           show this help\n",
	.examples = "  qgreplay sql 'SELECT kind, count(*) FROM event WHERE trace = 1 GROUP BY kind'\n"
		    "  qgreplay sql 'SELECT seq, time_ns, comm, kind, start, len, op FROM event\n"
		    "      WHERE trace = 1 AND root = 257 AND ino = 259'\n"
		    "  qgreplay sql --format csv 'SELECT * FROM current_finding' > findings.csv\n",
	.exits = "  0  the rows were printed, however many\n",
	.run = run,
};

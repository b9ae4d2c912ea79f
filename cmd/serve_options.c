/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/serve_options.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/db_option.h"
#include "web/board.h"

enum option_code {
	OPTION_HELP = 'h',
	OPTION_DB = 256,
	OPTION_LISTEN,
	OPTION_SPOOL,
	OPTION_TOKEN_FILE,
	OPTION_TLS_CERT,
	OPTION_TLS_KEY,
	OPTION_WORKERS,
	OPTION_UPLOAD_MAX,
	OPTION_SPOOL_MAX,
	OPTION_UPLOAD_RATE,
	OPTION_CONNECTIONS,
	OPTION_CONNECTIONS_EACH,
	OPTION_TIMEOUT,
	OPTION_KEEP_UPLOADS,
	OPTION_LOG
};

static const struct option longs[] = {
	{"db", required_argument, NULL, OPTION_DB},
	{"listen", required_argument, NULL, OPTION_LISTEN},
	{"spool", required_argument, NULL, OPTION_SPOOL},
	{"token-file", required_argument, NULL, OPTION_TOKEN_FILE},
	{"tls-cert", required_argument, NULL, OPTION_TLS_CERT},
	{"tls-key", required_argument, NULL, OPTION_TLS_KEY},
	{"workers", required_argument, NULL, OPTION_WORKERS},
	{"upload-max", required_argument, NULL, OPTION_UPLOAD_MAX},
	{"spool-max", required_argument, NULL, OPTION_SPOOL_MAX},
	{"upload-rate", required_argument, NULL, OPTION_UPLOAD_RATE},
	{"connections", required_argument, NULL, OPTION_CONNECTIONS},
	{"connections-each", required_argument, NULL, OPTION_CONNECTIONS_EACH},
	{"timeout", required_argument, NULL, OPTION_TIMEOUT},
	{"keep-uploads", no_argument, NULL, OPTION_KEEP_UPLOADS},
	{"log", required_argument, NULL, OPTION_LOG},
	{"help", no_argument, NULL, OPTION_HELP},
	{NULL, 0, NULL, 0},
};

const char serve_options_help[] =
	"      --db FILE             the store (default: $QGREPLAY_DB, else qgreplay.db); made where there is none\n"
	"      --listen ADDRESS      address and port (default: 127.0.0.1:8470), [::1]:0 takes any port that is free;\n"
	"                            beyond this machine only with --token-file\n"
	"      --token-file FILE     who may do what: a line 'read TOKEN', 'upload TOKEN' or 'admin TOKEN' for each,\n"
	"                            and 'anonymous read' lets everybody read\n"
	"      --tls-cert FILE       certificate, and --tls-key FILE its key, in PEM: serves HTTPS\n"
	"      --spool FOLDER        where uploads wait (default: the store's name with -spool behind it)\n"
	"      --spool-max SIZE      of all that wait (default: 8G)\n"
	"      --upload-max SIZE     of one upload (default: 2G)\n"
	"      --upload-rate NUMBER  uploads a minute from one address (default: 120), 0 for no limit\n"
	"      --connections NUMBER  in all (default: 512), and --connections-each from one address (default: 64)\n"
	"      --timeout SECONDS     for the head of a request (default: 10); a connection may idle 2.5 times as long, "
	"and\n"
	"                            one that moves less than 1 KiB a second is cut off after twice as long\n"
	"      --workers NUMBER      uploads that are read at the same time (default: 2)\n"
	"      --keep-uploads        keep the files in the spool's folder 'kept', not only what they say of qgroups\n"
	"      --log WHAT            requests (default: a line about each), or none\n"
	"  -h, --help                show this help\n";

static enum err read_size(uint64_t *size, const char *text, const char *option, struct error *error)
{
	static const char units[] = "KMGT";
	size_t digits = strspn(text, "0123456789");
	const char *unit = text[digits] == '\0' ? NULL : strchr(units, text[digits]);
	unsigned shift = unit == NULL ? 0 : 10 * (unsigned)(unit - units + 1);
	uint64_t number;
	char plain[24];

	if (digits == 0 || digits >= sizeof(plain) || text[digits + (unit == NULL ? 0 : 1)] != '\0')
		return error_set(error, ERR_USAGE, "%s wants a size such as 512M or 2G, not '%s'", option, text);
	memcpy(plain, text, digits);
	plain[digits] = '\0';
	if (command_number(&number, plain, option, false, error) != ERR_OK)
		return ERR_USAGE;
	if (number == 0 || number > (UINT64_C(1) << 60) >> shift)
		return error_set(error, ERR_USAGE, "%s wants a size between 1 and 2^60 bytes, not '%s'", option, text);
	*size = number << shift;
	return ERR_OK;
}

struct range {
	unsigned least;
	unsigned most;
};

static enum err read_count(
	unsigned *count, const char *text, const char *option, struct range range, struct error *error)
{
	uint64_t number;
	enum err err = command_number(&number, text, option, false, error);

	if (err != ERR_OK)
		return err;
	if (number < range.least || number > range.most)
		return error_set(error, ERR_USAGE, "%s wants a number from %u to %u, not '%s'", option, range.least,
			range.most, text);
	*count = (unsigned)number;
	return ERR_OK;
}

static enum err read_log(struct web_options *web, const char *text, struct error *error)
{
	web->log_requests = strcmp(text, "requests") == 0;
	if (web->log_requests || strcmp(text, "none") == 0)
		return ERR_OK;
	return error_set(error, ERR_USAGE, "--log wants requests or none, not '%s'", text);
}

static enum err read_limit(struct serve_options *options, int code, const char *text, struct error *error)
{
	static const struct range workers = {1, BOARD_WORKERS_MAX};
	static const struct range connections = {4, 100000};
	static const struct range each = {1, 100000};
	static const struct range rate = {0, 1000000};
	static const struct range timeout = {1, 3600};
	struct web_options *web = &options->web;

	switch (code) {
	case OPTION_WORKERS:
		return read_count(&options->workers, text, "--workers", workers, error);
	case OPTION_UPLOAD_MAX:
		return read_size(&web->upload_max_bytes, text, "--upload-max", error);
	case OPTION_SPOOL_MAX:
		return read_size(&web->spool_max_bytes, text, "--spool-max", error);
	case OPTION_UPLOAD_RATE:
		return read_count(&web->upload_rate, text, "--upload-rate", rate, error);
	case OPTION_CONNECTIONS:
		return read_count(&web->connections, text, "--connections", connections, error);
	case OPTION_CONNECTIONS_EACH:
		return read_count(&web->connections_each, text, "--connections-each", each, error);
	case OPTION_TIMEOUT:
		return read_count(&web->timeout_s, text, "--timeout", timeout, error);
	case OPTION_LOG:
		return read_log(web, text, error);
	default:
		return ERR_OK;
	}
}

static enum err read_option(struct serve_options *options, int code, const char *text, struct error *error)
{
	struct web_options *web = &options->web;

	switch (code) {
	case OPTION_DB:
		web->db_name = text;
		return ERR_OK;
	case OPTION_LISTEN:
		web->listen = text;
		return ERR_OK;
	case OPTION_SPOOL:
		web->spool = text;
		return ERR_OK;
	case OPTION_TOKEN_FILE:
		web->token_file = text;
		return ERR_OK;
	case OPTION_TLS_CERT:
		web->tls_cert = text;
		return ERR_OK;
	case OPTION_TLS_KEY:
		web->tls_key = text;
		return ERR_OK;
	case OPTION_KEEP_UPLOADS:
		options->keep_uploads = true;
		return ERR_OK;
	default:
		return read_limit(options, code, text, error);
	}
}

static enum err settle(struct serve_options *options, const struct command_call *call, struct error *error)
{
	struct web_options *web = &options->web;

	if (optind < call->argc)
		return error_set(error, ERR_USAGE, "'%s' is too much: serve takes options only, the store by --db",
			call->argv[optind]);
	if ((web->tls_cert == NULL) != (web->tls_key == NULL))
		return error_set(error, ERR_USAGE, "--tls-cert and --tls-key go together, give both");
	if (web->spool != NULL)
		return ERR_OK;
	if (asprintf(&options->spool, "%s-spool", web->db_name) < 0)
		abort();
	web->spool = options->spool;
	return ERR_OK;
}

enum err serve_options_read(struct serve_options *options, struct command_call *call, struct error *error)
{
	enum err err = ERR_OK;
	int code;

	*options = (struct serve_options){.workers = 2,
		.web = {.version = QGREPLAY_VERSION,
			.db_name = db_option_default(),
			.listen = "127.0.0.1:8470",
			.listen_fd = -1,
			.upload_max_bytes = UINT64_C(2) << 30,
			.spool_max_bytes = UINT64_C(8) << 30,
			.upload_rate = 120,
			.connections = 512,
			.connections_each = 64,
			.timeout_s = 10,
			.log_requests = true}};
	opterr = 0;
	optind = 0; /* lets glibc start anew, for a second call in one process */
	while (err == ERR_OK && (code = getopt_long(call->argc, call->argv, ":h", longs, NULL)) != -1) {
		if (code == '?' || code == ':')
			return command_option_refused(code, call, error);
		if (code == OPTION_HELP) {
			call->help_wanted = true;
			return ERR_OK;
		}
		err = read_option(options, code, optarg, error);
	}
	return err == ERR_OK ? settle(options, call, error) : err;
}

void serve_options_release(struct serve_options *options)
{
	free(options->spool);
}

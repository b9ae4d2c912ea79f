/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/http/http.h"

#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "web/http/exchange.h"
#include "web/http/listen.h"

enum {
	BYTE_THREADS = 2,
	CONNECTION_MEMORY = 32 * 1024, /* bounds the request's line and headers */
	TIMEOUT_S = 10,
	DRAIN_MS = 10000,
	DRAIN_LOOK_MS = 10,
	OWN_FILES = 256,
	PEM_MAX = 1024 * 1024
};

struct http {
	struct server server;
	struct tokens *tokens;
	struct listen_at at;
	struct MHD_Daemon *daemon;
	char *cert;
	char *key;
	char url[192];
	_Atomic bool serving;
	pthread_mutex_t trouble_mutex;
	char trouble[256]; /* the last that the library had to say while it was started */
};

/* NOLINTNEXTLINE(readability-function-size): the parameters are those of the library. */
static enum MHD_Result on_step(void *context, struct MHD_Connection *connection, const char *url, const char *method,
	const char *version, const char *bytes, size_t *count, void **exchange)
{
	(void)context;
	(void)connection;
	(void)url;
	return exchange_step(*exchange, method, version, bytes, count);
}

static void *on_line(void *context, const char *target, struct MHD_Connection *connection)
{
	struct http *http = context;

	return exchange_new(&http->server, connection, target);
}

static void on_ended(
	void *context, struct MHD_Connection *connection, void **exchange, enum MHD_RequestTerminationCode code)
{
	(void)context;
	(void)connection;
	(void)code;
	if (*exchange)
		exchange_ended(*exchange);
	*exchange = NULL;
}

static void on_connection(
	void *context, struct MHD_Connection *connection, void **kept, enum MHD_ConnectionNotificationCode code)
{
	struct http *http = context;
	const union MHD_ConnectionInfo *info;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
		*kept = peers_add(http->server.peers, info->connect_fd);
		metrics_connection(http->server.site->metrics, 1);
	} else {
		peers_remove(http->server.peers, *kept);
		*kept = NULL;
		metrics_connection(http->server.site->metrics, -1);
	}
}

/* Targets are decoded once, by target.h; the library is to leave them as they are. */
static size_t leave_escaped(void *context, struct MHD_Connection *connection, char *text)
{
	(void)context;
	(void)connection;
	return strlen(text);
}

static void on_trouble(void *context, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

static void on_trouble(void *context, const char *format, va_list arguments)
{
	struct http *http = context;

	/* Once it serves, these are about what hostile peers do. */
	if (http->serving)
		return;
	pthread_mutex_lock(&http->trouble_mutex);
	vsnprintf(http->trouble, sizeof(http->trouble), format, arguments);
	pthread_mutex_unlock(&http->trouble_mutex);
}

static enum err read_pem(char **text, const char *file, const char *what, struct error *error)
{
	FILE *stream = fopen(file, "re");
	size_t size;

	if (!stream)
		return error_set(error, ERR_INPUT, "cannot open %s '%s': %s", what, file, strerror(errno));
	*text = memory_zeroed(PEM_MAX + 1);
	size = fread(*text, 1, PEM_MAX, stream);
	fclose(stream);
	if (size == 0 || size == PEM_MAX || !strstr(*text, "-----BEGIN "))
		return error_set(error, ERR_INPUT, "%s '%s' is not a PEM file", what, file);
	return ERR_OK;
}

static enum err read_files(struct http *http, const struct web_options *options, struct error *error)
{
	enum err err = ERR_OK;

	if (options->token_file)
		err = tokens_read(&http->tokens, options->token_file, error);
	if (err == ERR_OK && options->tls_cert)
		err = read_pem(&http->cert, options->tls_cert, "certificate", error);
	if (err == ERR_OK && options->tls_key)
		err = read_pem(&http->key, options->tls_key, "key", error);
	return err;
}

static enum err start_listening(struct http *http, const struct web_options *options, struct error *error)
{
	enum err err = listen_open(&http->at, options->listen, options->listen_fd, error);

	if (err != ERR_OK)
		return err;
	if (!http->at.loopback && !options->token_file)
		return error_set(error, ERR_USAGE,
			"'%s' can be reached from other machines: say with --token-file who may do what",
			http->at.host);
	snprintf(http->url, sizeof(http->url), http->at.ipv6 ? "http%s://[%s]:%u" : "http%s://%s:%u",
		http->cert ? "s" : "", http->at.host, http->at.port);
	return ERR_OK;
}

static unsigned timeout_s(const struct web_options *options)
{
	return options->timeout_s ? options->timeout_s : TIMEOUT_S;
}

/* Each connection is a descriptor, and each of those that upload another one. */
static enum err allow_files(const struct web_options *options, struct error *error)
{
	const rlim_t needed = (rlim_t)options->connections * 2 + OWN_FILES;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed)
		return ERR_OK;
	limit.rlim_cur = needed;
	if (limit.rlim_max >= needed && setrlimit(RLIMIT_NOFILE, &limit) == 0)
		return ERR_OK;
	return error_set(error, ERR_USAGE,
		"%u connections need %ju open files, and %ju are allowed: give a lower --connections or raise 'ulimit "
		"-n'",
		options->connections, (uintmax_t)needed, (uintmax_t)limit.rlim_max);
}

static enum err start_watching(struct http *http, const struct web_options *options, struct error *error)
{
	const unsigned head_ms = timeout_s(options) * 1000;
	const struct peers_limits limits = {.connections = options->connections,
		.head_ms = head_ms,
		.idle_ms = head_ms / 2 * 5,
		.window_ms = head_ms * 2,
		.window_bytes = head_ms * 2};

	return peers_start(&http->server.peers, &limits, http->server.site->metrics, error);
}

static enum err start_daemon(struct http *http, const struct web_options *options, struct error *error)
{
	const struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, http->cert},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, http->key},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
		{MHD_OPTION_END, 0, NULL},
	};
	const struct MHD_OptionItem plain[] = {{MHD_OPTION_END, 0, NULL}};
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
			 (http->at.ipv6 ? MHD_USE_DUAL_STACK : 0U) | (http->cert ? MHD_USE_TLS : 0U);

	/* clang-format off */
	http->daemon = MHD_start_daemon(flags, (uint16_t)http->at.port, NULL, NULL, on_step, http,
		MHD_OPTION_EXTERNAL_LOGGER, on_trouble, http,
		MHD_OPTION_LISTEN_SOCKET, http->at.fd,
		MHD_OPTION_THREAD_POOL_SIZE, (unsigned)BYTE_THREADS,
		MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
		MHD_OPTION_CONNECTION_TIMEOUT, timeout_s(options) * 3,
		MHD_OPTION_CONNECTION_LIMIT, options->connections,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, options->connections_each,
		MHD_OPTION_URI_LOG_CALLBACK, on_line, http,
		MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, http,
		MHD_OPTION_NOTIFY_COMPLETED, on_ended, http,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, http,
		MHD_OPTION_ARRAY, http->cert ? tls : plain,
		MHD_OPTION_END);
	/* clang-format on */
	http->serving = http->daemon != NULL;
	if (http->daemon)
		return ERR_OK;
	http->trouble[strcspn(http->trouble, "\n")] = '\0';
	return error_set(error, http->cert ? ERR_INPUT : ERR_SYSTEM, "cannot serve at %s: %s", http->url,
		*http->trouble ? http->trouble : "the HTTP library does not start");
}

enum err http_start(struct http **result, const struct http_options *options, struct error *error)
{
	const struct web_options *web = options->site->options;
	struct http *http = memory_zeroed(sizeof(*http));
	enum err err;

	http->at.fd = -1;
	pthread_mutex_init(&http->trouble_mutex, NULL);
	http->server.options = options;
	http->server.site = options->site;
	err = read_files(http, web, error);
	if (err == ERR_OK)
		err = start_listening(http, web, error);
	if (err == ERR_OK)
		err = lanes_start(&http->server.lanes, web->db_name, error);
	if (err == ERR_OK)
		err = allow_files(web, error);
	if (err == ERR_OK)
		err = start_watching(http, web, error);
	http->server.rules = (struct admit_rules){.routes = options->routes,
		.tokens = http->tokens,
		.host = http->at.host,
		.loopback = http->at.loopback,
		.tls = http->cert != NULL,
		.upload_max_bytes = web->upload_max_bytes};
	if (err == ERR_OK)
		err = start_daemon(http, web, error);
	if (err == ERR_OK)
		*result = http;
	else
		http_stop(http);
	return err;
}

const char *http_url(const struct http *http)
{
	return http->url;
}

/* Waits until a count is zero; false when it is not after `most_ms`. */
static bool wait_for_none(const _Atomic unsigned *count, unsigned most_ms)
{
	const struct timespec look = {.tv_nsec = DRAIN_LOOK_MS * 1000000L};

	for (unsigned waited = 0; *count && waited < most_ms; waited += DRAIN_LOOK_MS)
		nanosleep(&look, NULL);
	return *count == 0;
}

/*
 * Ends listening at once: as long as it goes on, the kernel takes connections that nobody will serve. The number stays
 * taken, by something that can be polled, because threads of the library may be just about to take it off their lists,
 * and end the program when that fails in another way than that it is not there.
 */
static void hang_up(int listen_fd)
{
	int nothing = eventfd(0, EFD_CLOEXEC);

	if (nothing < 0)
		return;
	dup3(nothing, listen_fd, O_CLOEXEC);
	close(nothing);
}

void http_stop(struct http *http)
{
	if (!http)
		return;
	if (http->daemon) {
		MHD_quiesce_daemon(http->daemon);
		hang_up(http->at.fd);
		http->server.draining = true;
		wait_for_none(&http->server.begun, DRAIN_MS);
		/* The library must not be stopped while a connection is suspended. */
		http->server.stopping = true;
		while (!wait_for_none(&http->server.in_lanes, DRAIN_MS))
			;
		MHD_stop_daemon(http->daemon);
	}
	lanes_stop(http->server.lanes);
	peers_stop(http->server.peers);
	if (http->at.fd >= 0)
		close(http->at.fd);
	pthread_mutex_destroy(&http->trouble_mutex);
	tokens_free(http->tokens);
	free(http->cert);
	free(http->key);
	free(http);
}

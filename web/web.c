/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/web.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#include "schema/store/store.h"
#include "web/http/http.h"
#include "web/problem.h"
#include "web/site.h"
#include "web/upload/upload.h"

static enum err check_options(const struct web_options *options, struct error *error)
{
	if (!options->tls_cert != !options->tls_key)
		return error_set(error, ERR_USAGE, "--tls-cert and --tls-key belong together: give both");
	if (options->connections == 0 || options->connections_each == 0)
		return error_set(error, ERR_USAGE, "a server without connections serves nobody: give a number above 0");
	return ERR_OK;
}

/* That the store can be used is known before anybody is served. */
static enum err prepare(struct site *site, struct error *error)
{
	const struct store_options options = {.mode = STORE_CREATE};
	struct store *store = NULL;
	enum err err = store_open(&store, site->options->db_name, &options, error);

	if (err == ERR_OK)
		err = upload_sweep(site, store, error);
	store_close(store);
	return err;
}

static enum err wait_for_stop(int stop_fd, struct error *error)
{
	struct pollfd stop = {.fd = stop_fd, .events = POLLIN};

	while (poll(&stop, 1, -1) < 0)
		if (errno != EINTR)
			return error_set(error, ERR_SYSTEM, "cannot wait for the end of the server");
	return ERR_OK;
}

enum err web_serve(const struct web_options *options, struct board *board, int stop_fd, const struct web_ready *ready,
	struct error *error)
{
	struct site site = {.options = options, .board = board, .started_at = (uint64_t)time(NULL)};
	const struct http_options http_options = {.routes = &web_routes, .site = &site, .refuse = problem_answer};
	struct http *http = NULL;
	enum err err = check_options(options, error);

	if (err == ERR_OK)
		err = prepare(&site, error);
	site.metrics = metrics_new(&web_routes);
	if (err == ERR_OK)
		err = http_start(&http, &http_options, error);
	if (err == ERR_OK) {
		ready->listening(ready->context, http_url(http));
		err = wait_for_stop(stop_fd, error);
	}
	http_stop(http);
	upload_leave(&site);
	metrics_free(site.metrics);
	return err;
}

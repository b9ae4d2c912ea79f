/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * serve - the server: pages and an API over a store, and uploads that become traces of it.
 *
 * This process only keeps house (serve_house.h). One process answers requests and never reads a trace; worker processes
 * do, each in a confined process of its own.
 */
#include <stdio.h>

#include "cmd/command.h"
#include "cmd/serve_house.h"
#include "cmd/serve_options.h"

static void say_listening(const char *url)
{
	printf("qgreplay: listening on %s/\n", url);
	fflush(stdout);
}

static enum err run(struct command_call *call, struct error *error)
{
	const struct house_voice voice = {say_listening, call->trouble};
	struct serve_options options;
	enum err err = serve_options_read(&options, call, error);

	if (err == ERR_OK && !call->help_wanted)
		err = serve_house_run(&options, &voice, error);
	serve_options_release(&options);
	return err;
}

const struct command command_serve = {
	.name = "serve",
	.summary = "Serves the store as web pages and an API, and takes uploads of traces",
	.synopsis = "serve [options]",
	.about = "Says in one line where it listens, and ends at Ctrl-C or SIGTERM, when what was begun is done. An "
		 "upload\n"
		 "that was accepted becomes a trace, or a failed upload with its reason, whatever ends the program\n"
		 "in between. Nothing is fetched from elsewhere.\n",
	.options = serve_options_help,
	.examples =
		"  qgreplay serve --db fleet.db\n"
		"  curl -T trace.dat http://127.0.0.1:8470/api/v1/traces/\n"
		"  qgreplay serve --listen 0.0.0.0:8443 --token-file tokens --tls-cert cert.pem --tls-key key.pem\n",
	.exits = "  0  it was told to stop\n",
	.run = run,
};

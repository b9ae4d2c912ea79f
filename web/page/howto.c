/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/page/howto.h"

#include <string.h>

#include "web/html/html.h"
#include "web/site.h"

void howto_address(const struct call *call, char address[HOWTO_ADDRESS])
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-[]";
	const struct web_options *options = call->site->options;
	const char *host = request_header(call->request, "Host");

	if (host == NULL || *host == '\0' || host[strspn(host, plain)] != '\0' || strlen(host) > HOWTO_ADDRESS - 16)
		host = options->listen;
	snprintf(address, HOWTO_ADDRESS, "%s://%s", options->tls_cert != NULL ? "https" : "http", host);
}

void howto_send(struct call *call)
{
	FILE *stream = call->response->body;
	char address[HOWTO_ADDRESS];

	howto_address(call, address);
	fputs("<pre class=\"command\" id=\"howto-send\">curl -T trace.dat ", stream);
	if (call->site->options->token_file != NULL)
		fputs("-H \"Authorization: Bearer $TOKEN\" ", stream);
	/* Some shells take the brackets of an IPv6 address for a pattern. */
	html_format(stream, strchr(address, '[') != NULL ? "'%s/api/v1/traces/'</pre>\n" : "%s/api/v1/traces/</pre>\n",
		address);
	fputs("<p class=\"actions\"><button type=\"button\" data-copy=\"#howto-send\" hidden>Copy</button></p>\n",
		stream);
}

void howto_record(FILE *stream)
{
	fputs("<pre class=\"command\" id=\"howto-record\">trace-cmd record -C mono -e 'btrfs:*qgroup*' \\\n"
	      "    -e btrfs:btrfs_transaction_commit \\\n"
	      "    -e btrfs:btrfs_inode_new -e btrfs:btrfs_inode_evict \\\n"
	      "    -e btrfs:btrfs_ordered_extent_add \\\n"
	      "    -e btrfs:btrfs_ordered_extent_remove</pre>\n"
	      "<p class=\"actions\"><button type=\"button\" data-copy=\"#howto-record\" hidden>Copy</button></p>\n",
		stream);
}

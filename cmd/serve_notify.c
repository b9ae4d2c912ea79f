/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/serve_notify.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Source: sd_listen_fds(3), SD_LISTEN_FDS_START. */
enum { FIRST_HANDED_OVER = 3 };

void serve_notify(const char *state)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = name == NULL ? 0 : strlen(name);
	int fd;

	if (length < 2 || length >= sizeof(address.sun_path) || (name[0] != '/' && name[0] != '@'))
		return;
	memcpy(address.sun_path, name, length);
	/* A name of the abstract namespace begins with a NUL. */
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
	close(fd);
}

enum err serve_notify_socket(int *fd, struct error *error)
{
	const char *process = getenv("LISTEN_PID");
	const char *count = getenv("LISTEN_FDS");
	char mine[24];

	*fd = -1;
	snprintf(mine, sizeof(mine), "%jd", (intmax_t)getpid());
	if (process == NULL || count == NULL || strcmp(process, mine) != 0 || strcmp(count, "0") == 0)
		return ERR_OK;
	if (strcmp(count, "1") != 0)
		return error_set(error, ERR_USAGE,
			"the service manager hands over '%s' sockets, leave one ListenStream in the socket unit",
			count);
	fcntl(FIRST_HANDED_OVER, F_SETFD, FD_CLOEXEC);
	*fd = FIRST_HANDED_OVER;
	return ERR_OK;
}

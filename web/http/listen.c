/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/http/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BACKLOG = 512 };

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

static bool is_loopback(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
}

static unsigned port_of(const struct sockaddr *address)
{
	return ntohs(address->sa_family == AF_INET ? ((const struct sockaddr_in *)(const void *)address)->sin_port
						   : ((const struct sockaddr_in6 *)(const void *)address)->sin6_port);
}

void listen_peer(char text[64], const struct sockaddr *address)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)address;

	snprintf(text, 64, "unknown");
	if (!address)
		return;
	if (address->sa_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, text, 64);
	else if (address->sa_family == AF_INET6 && memcmp(&six->sin6_addr, mapped, sizeof(mapped)) == 0)
		inet_ntop(AF_INET, six->sin6_addr.s6_addr + sizeof(mapped), text, 64);
	else if (address->sa_family == AF_INET6)
		inet_ntop(AF_INET6, &six->sin6_addr, text, 64);
}

/* Takes "HOST:PORT" or "[HOST]:PORT" apart. */
static bool split(char host[128], char port[8], const char *address)
{
	const char *colon = strrchr(address, ':');
	bool brackets = *address == '[';
	size_t length;

	if (!colon || colon == address || strlen(colon + 1) == 0 || strlen(colon + 1) > 5 ||
		colon[1 + strspn(colon + 1, "0123456789")])
		return false;
	if (brackets ? colon[-1] != ']' : memchr(address, ':', (size_t)(colon - address)) != NULL)
		return false;
	length = (size_t)(colon - address) - (brackets ? 2 : 0);
	if (length == 0 || length >= 128 || strtoul(colon + 1, NULL, 10) > UINT16_MAX)
		return false;
	memcpy(host, address + brackets, length);
	host[length] = '\0';
	snprintf(port, 8, "%s", colon + 1);
	return true;
}

static int listening_socket(const struct addrinfo *info)
{
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;
	int off = 0;
	int failed;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (info->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	failed = errno;
	close(fd);
	errno = failed;
	return -1;
}

static enum err open_new(struct listen_at *at, const char *address, struct error *error)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	struct addrinfo *found = NULL;
	char host[128];
	char port[8];
	int failed;

	if (!split(host, port, address))
		return error_set(error, ERR_USAGE,
			"'%s' is no address to listen on, give one as '127.0.0.1:8470' or '[::1]:8470'", address);
	failed = getaddrinfo(host, port, &hints, &found);
	if (failed)
		return error_set(error, ERR_USAGE, "cannot listen on '%s': %s", address, gai_strerror(failed));
	at->fd = listening_socket(found);
	failed = errno;
	freeaddrinfo(found);
	if (at->fd < 0)
		return error_set(error, ERR_SYSTEM, "cannot listen on '%s': %s%s", address, strerror(failed),
			failed == EADDRINUSE ? ", give another port with --listen" : "");
	return ERR_OK;
}

enum err listen_open(struct listen_at *at, const char *address, int fd, struct error *error)
{
	struct sockaddr_storage storage = {0};
	struct sockaddr *name = (struct sockaddr *)&storage;
	socklen_t size = sizeof(storage);
	enum err err = ERR_OK;

	at->fd = fd;
	if (fd < 0)
		err = open_new(at, address, error);
	if (err != ERR_OK)
		return err;
	if (getsockname(at->fd, name, &size) != 0 || (name->sa_family != AF_INET && name->sa_family != AF_INET6)) {
		close(at->fd);
		at->fd = -1;
		return error_set(error, ERR_USAGE, "the socket that was handed over is not one of TCP");
	}
	at->ipv6 = name->sa_family == AF_INET6;
	at->loopback = is_loopback(name);
	at->port = port_of(name);
	listen_peer(at->host, name);
	return ERR_OK;
}

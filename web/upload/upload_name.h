/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * upload_name - what a sender calls a file, made fit to be shown: never a path, never long, never a control character.
 */
#ifndef QGREPLAY_WEB_UPLOAD_UPLOAD_NAME_H
#define QGREPLAY_WEB_UPLOAD_UPLOAD_NAME_H

#include "schema/store/upload.h"

/* The last part of the path `text`, at most UPLOAD_NAME - 1 bytes; "upload" where nothing is left, and for NULL. */
void upload_name(char name[UPLOAD_NAME], const char *text);

/* The same for a host, whose name may hold anything: "" where nothing is left, and for NULL. */
void upload_host(char host[UPLOAD_HOST], const char *text);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xml - writes texts of any bytes into XML 1.0, one function for each place where a text can stand.
 *
 * What XML cannot hold at all (most control characters, U+FFFE, U+FFFF, bytes that are not UTF-8) becomes U+FFFD, so
 * that a hostile name never makes a document that a reader refuses. Source: XML 1.0 (fifth edition), 2.2 and 2.4.
 */
#ifndef QGREPLAY_BASE_XML_H
#define QGREPLAY_BASE_XML_H

#include <stdio.h>

/* `text` between tags. A carriage return is written as a reference: readers would make it a line feed. */
void xml_text(FILE *stream, const char *text);

/* ` name="text"`, with a blank in front. Tabs and line ends become references: readers would make them blanks. */
void xml_attribute(FILE *stream, const char *name, const char *text);

#endif

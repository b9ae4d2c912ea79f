/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text_words - the words that stand for numbers in the text of btrfs events.
 *
 * The numbers are those of the binary records of kernels 5.9 and later, so that a text and a trace.dat give the same
 * events. Sources: the print formats of kernels 6.1 to 6.18, include/trace/events/btrfs.h and the enums it prints.
 */
#ifndef QGREPLAY_COLLECTOR_TEXT_WORDS_H
#define QGREPLAY_COLLECTOR_TEXT_WORDS_H

#include <stdbool.h>

#include "base/event.h"

/*
 * Reads the value of a member of an event of `kind`: a number (decimal, with sign, or hex), one followed by a name in
 * parentheses, words, or several of these joined by "|" (words of `op` also by nothing). A word of flags that is not
 * known counts 0, an unknown type or tree is a number that means nothing. Nothing at all is 0, the text of no flags.
 * False when the text is none of this.
 */
bool text_words_value(enum event_kind kind, enum event_member member, const char *text, size_t length, uint64_t *value);

#endif

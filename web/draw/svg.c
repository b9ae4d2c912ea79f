/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/draw/svg.h"

#include "web/html/html.h"

void svg_number(FILE *stream, int at)
{
	int size = at < 0 ? -at : at;

	if (size % 10 == 0)
		fprintf(stream, "%d", at / 10);
	else
		fprintf(stream, "%s%d.%d", at < 0 ? "-" : "", size / 10, size % 10);
}

static void attribute(FILE *stream, const char *name, int at)
{
	fprintf(stream, " %s=\"", name);
	svg_number(stream, at);
	fputc('"', stream);
}

void svg_line(FILE *stream, const char *class, struct svg_place from, struct svg_place to)
{
	fprintf(stream, "<path class=\"%s\" d=\"M", class);
	svg_number(stream, from.x);
	fputc(' ', stream);
	svg_number(stream, from.y);
	fputc(from.x == to.x ? 'V' : 'L', stream);
	if (from.x != to.x) {
		svg_number(stream, to.x);
		fputc(' ', stream);
	}
	svg_number(stream, to.y);
	fputs("\"/>\n", stream);
}

void svg_label(FILE *stream, const char *anchor, struct svg_place at, const char *text)
{
	fprintf(stream, "<text class=\"label\" text-anchor=\"%s\"", anchor);
	attribute(stream, "x", at.x);
	attribute(stream, "y", at.y);
	fputc('>', stream);
	html_text(stream, text);
	fputs("</text>\n", stream);
}

void svg_rect_begin(FILE *stream, const char *class, const struct svg_box *box)
{
	fprintf(stream, "<rect class=\"%s\"", class);
	attribute(stream, "x", box->left);
	attribute(stream, "y", box->top);
	attribute(stream, "width", box->right - box->left);
	attribute(stream, "height", box->bottom - box->top);
}

void svg_rect(FILE *stream, const char *class, const struct svg_box *box, const char *title)
{
	svg_rect_begin(stream, class, box);
	if (title == NULL) {
		fputs("/>\n", stream);
		return;
	}
	fputs("><title>", stream);
	html_text(stream, title);
	fputs("</title></rect>\n", stream);
}

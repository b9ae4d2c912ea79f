/* SPDX-License-Identifier: GPL-2.0-only */
/* Values in pages: nothing that comes from outside ends the place where it stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "web/html/html.h"
#include "web/site.h"
#include "web/static/static.h"

#define FFFD "\xef\xbf\xbd"

static char *written;
static size_t written_size;

static FILE *begin(void)
{
	FILE *stream;

	free(written);
	written = NULL;
	stream = open_memstream(&written, &written_size);
	assert_non_null(stream);
	return stream;
}

static const char *end(FILE *stream)
{
	assert_int_equal(fclose(stream), 0);
	return written;
}

static void test_texts_are_escaped(void **state)
{
	static const struct {
		const char *text;
		const char *html;
		const char *url;
	} cases[] = {
		{NULL, "", ""},
		{"", "", ""},
		{"plain text-1.dat", "plain text-1.dat", "plain%20text-1.dat"},
		{"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;",
			"%3Cscript%3Ealert%281%29%3C%2Fscript%3E"},
		{"\" onload='x'", "&quot; onload=&#39;x&#39;", "%22%20onload%3D%27x%27"},
		{"a&b=c;d", "a&amp;b=c;d", "a%26b%3Dc%3Bd"},
		{"&amp;", "&amp;amp;", "%26amp%3B"},
		{"../../etc", "../../etc", "..%2F..%2Fetc"},
		{"javascript:alert(1)", "javascript:alert(1)", "javascript%3Aalert%281%29"},
		{"line\nnext\ttab", "line\nnext\ttab", "line%0Anext%09tab"},
		{"of a form\r\n\r.", "of a form\r\n" FFFD ".", "of%20a%20form%0D%0A%0D."},
		{"\x01\x1b[2J\x7f\r", FFFD FFFD "[2J" FFFD FFFD, "%01%1B%5B2J%7F%0D"},
		{"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
			"%C3%A4%E2%82%AC%F0%9F%98%80"},
		{"\xff<\xc3", FFFD "&lt;" FFFD, "%FF%3C%C3"},
		{"\xc0\xbc"
		 "script",
			FFFD FFFD "script", "%C0%BCscript"},
		{"\xed\xa0\x80", FFFD FFFD FFFD, "%ED%A0%80"},
		{"\xc2\x9b"
		 "31m",
			FFFD "31m", "%C2%9B31m"},
		{"a\xe2\x80\xae"
		 "b",
			"a" FFFD "b", "a%E2%80%AEb"},
		{"\xf0\x9f\x98", FFFD FFFD FFFD, "%F0%9F%98"},
		{"\xe2\x82\"", FFFD FFFD "&quot;", "%E2%82%22"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		FILE *stream = begin();

		html_text(stream, cases[i].text);
		assert_string_equal(end(stream), cases[i].html);
		stream = begin();
		html_url(stream, cases[i].text);
		assert_string_equal(end(stream), cases[i].url);
	}
}

/* Each byte, alone and behind a beginning of a character: what is written holds no mark of HTML, and is UTF-8. */
static void test_no_byte_breaks_out(void **state)
{
	static const char *const before[] = {"", "a", "\xc3", "\xe2\x82", "\xf0\x9f\x98"};

	(void)state;
	for (size_t b = 0; b < sizeof(before) / sizeof(before[0]); b++)
		for (unsigned byte = 1; byte < 256; byte++) {
			char text[8];
			FILE *stream = begin();

			snprintf(text, sizeof(text), "%s%c", before[b], (int)byte);
			html_text(stream, text);
			end(stream);
			assert_null(strpbrk(written, "<>\"'"));
			assert_true(strchr(written, '&') == NULL || strchr(written, ';') != NULL);
			stream = begin();
			html_url(stream, text);
			end(stream);
			assert_int_equal(
				strspn(written, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
						"-._~%"),
				written_size);
		}
}

static void test_formats(void **state)
{
	FILE *stream = begin();

	(void)state;
	html_format(stream, "<a href=\"/%u\">%s</a> %d%% %zu", 7u, "<b>", -3, sizeof(char));
	assert_string_equal(end(stream), "<a href=\"/7\">&lt;b&gt;</a> -3% 1");
	stream = begin();
	html_format(
		stream, "%" PRIu64 " %" PRId64 " %" PRId64 " %s|%s", UINT64_MAX, INT64_MIN, INT64_C(0), "", "100%s");
	assert_string_equal(end(stream), "18446744073709551615 -9223372036854775808 0 |100%s");
	stream = begin();
	html_format(stream, "%lu %llu %ld %lld %d", 1ul, 2ull, -1l, -2ll, -2147483647 - 1);
	assert_string_equal(end(stream), "1 2 -1 -2 -2147483648");
}

static void test_cells(void **state)
{
	FILE *stream = begin();

	(void)state;
	html_bytes(stream, 1);
	html_bytes(stream, 1023);
	assert_string_equal(end(stream), "1 byte1,023 bytes");
	stream = begin();
	html_bytes(stream, 53248);
	assert_string_equal(end(stream), "<data value=\"53248\" title=\"53,248 bytes\">52 KiB</data>");
	stream = begin();
	html_bytes(stream, UINT64_MAX);
	assert_string_equal(end(stream), "<data value=\"18446744073709551615\" title=\"18,446,744,073,709,551,615 "
					 "bytes\">16.0 EiB</data>");
	stream = begin();
	html_number(stream, 1234567);
	assert_string_equal(end(stream), "1,234,567");
	stream = begin();
	html_trace_time(stream, UINT64_C(19838568400));
	assert_string_equal(end(stream), "19.838568");
	stream = begin();
	html_range(stream, 4096, 4096);
	assert_string_equal(end(stream), "[4096, 8192)");
}

static void test_dates(void **state)
{
	FILE *stream = begin();

	(void)state;
	html_date(stream, 0);
	html_date(stream, UINT64_MAX);
	html_date(stream, UINT64_C(1) << 60);
	html_date(stream, UINT64_C(253402300800)); /* the year 10000 */
	assert_string_equal(end(stream), "unknownunknownunknownunknown");
	stream = begin();
	html_date(stream, 951782400); /* date -ud @951782400 */
	assert_string_equal(end(stream), "<time datetime=\"2000-02-29T00:00:00Z\" title=\"2000-02-29 00:00:00 UTC\">"
					 "2000-02-29 00:00</time>");
}

static void test_roots_and_badges(void **state)
{
	FILE *stream = begin();

	(void)state;
	html_root(stream, UINT64_MAX - 8);
	fputc(' ', stream);
	html_root(stream, 256);
	fputc(' ', stream);
	html_root(stream, UINT64_C(1) << 63);
	assert_string_equal(end(stream), "-9 256 9223372036854775808");
	stream = begin();
	html_badge(stream, "error");
	assert_string_equal(end(stream), "<span class=\"badge badge-error\">error</span>");
	stream = begin();
	html_badge(stream, "\"><script>");
	assert_string_equal(end(stream), "<span class=\"badge badge-other\">&quot;&gt;&lt;script&gt;</span>");
	stream = begin();
	html_badge(stream, NULL);
	assert_string_equal(end(stream), "<span class=\"badge badge-other\"></span>");
}

static size_t count_of(const char *text, const char *what)
{
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
		count++;
	return count;
}

static void test_frame(void **state)
{
	static const struct html_crumb crumbs[] = {{"Traces", "/traces"}, {"<b>.dat", NULL}, {NULL, NULL}};
	static const struct html_page page = {
		.title = "A & <b>", .place = PLACE_TRACES, .crumbs = crumbs, .refresh_s = 2, .chart = true};
	const struct web_options options = {.version = "0.<1>"};
	struct site site = {.options = &options};
	struct request request = {.path = "/"};
	struct response response = {.body = begin()};
	struct call call = {.request = &request, .response = &response, .site = &site};

	(void)state;
	html_begin(&call, &page);
	html_end(&call);
	end(response.body);
	assert_non_null(strstr(written, "<title>A &amp; &lt;b&gt; · qgreplay</title>"));
	assert_non_null(strstr(written, "<h1>A &amp; &lt;b&gt;</h1>"));
	assert_non_null(strstr(written, "<meta http-equiv=\"refresh\" content=\"2\">"));
	assert_non_null(strstr(written, "<li aria-current=\"page\">&lt;b&gt;.dat</li>"));
	assert_non_null(strstr(written, "<a href=\"/traces\" aria-current=page>Traces</a>"));
	assert_non_null(strstr(written, "/static/dygraph.min.js?v="));
	assert_non_null(strstr(written, "0.&lt;1&gt;"));
	assert_int_equal(count_of(written, "<h1"), 1);
	assert_int_equal(count_of(written, "<main"), 1);
	assert_int_equal(count_of(written, "aria-current=page"), 1);
	/* The policy of the server forbids all three. */
	assert_null(strstr(written, " style="));
	assert_null(strstr(written, "<style"));
	assert_null(strstr(written, "<script>"));
}

/* What the program brings along is what is there, and says its kind. */
static void test_static_files(void **state)
{
	static const struct {
		const char *name;
		const char *type;
	} files[] = {
		{"style.css", "text/css; charset=utf-8"},
		{"app.js", "text/javascript; charset=utf-8"},
		{"favicon.svg", "image/svg+xml"},
		{"dygraph.min.js", "text/javascript; charset=utf-8"},
		{"dygraph.css", "text/css; charset=utf-8"},
		{"dygraph-copyright.txt", "text/plain; charset=utf-8"},
	};
	const struct static_file *style = static_file("style.css");
	const struct static_file *copyright = static_file("dygraph-copyright.txt");

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const struct static_file *file = static_file(files[i].name);

		assert_non_null(file);
		assert_string_equal(file->type, files[i].type);
		assert_int_equal(strlen(file->version), 12);
		assert_int_equal(file->bytes[file->size], 0);
	}
	assert_null(static_file("../web.h"));
	assert_null(static_file(""));
	assert_non_null(memmem(style->bytes, style->size, "@media print", 12));
	assert_int_equal(style->bytes[style->size - 1], '\n');
	assert_non_null(memmem(copyright->bytes, copyright->size, "Permission is hereby granted", 28));
}

static enum err ask_for(const char *name, const char *version, struct response *response)
{
	struct request_pair pair = {"v", version};
	struct request request = {.path = "/static/x", .captures = {name}, .query = {&pair, version != NULL}};
	struct call call = {.request = &request, .response = response};
	struct error error;
	enum err err;

	response_init(response);
	err = static_handler(&call, &error);
	assert_int_equal(response_finish(response, NULL), ERR_OK);
	return err;
}

/* Only who names the version that is there may keep the file for ever. */
static void test_static_handler(void **state)
{
	const struct static_file *file = static_file("app.js");
	struct response response;

	(void)state;
	assert_int_equal(ask_for("app.js", file->version, &response), ERR_OK);
	assert_int_equal(response.size, file->size);
	assert_memory_equal(response.bytes, file->bytes, file->size);
	assert_true(response.fixed);
	assert_string_equal(response.type, file->type);
	response_release(&response);
	assert_int_equal(ask_for("app.js", "000000000000", &response), ERR_OK);
	assert_false(response.fixed);
	response_release(&response);
	assert_int_equal(ask_for("app.js", NULL, &response), ERR_OK);
	assert_false(response.fixed);
	response_release(&response);
	assert_int_equal(ask_for("none.js", NULL, &response), ERR_USAGE);
	response_release(&response);
}

static int forget(void **state)
{
	(void)state;
	free(written);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts_are_escaped),
		cmocka_unit_test(test_no_byte_breaks_out),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_roots_and_badges),
		cmocka_unit_test(test_frame),
		cmocka_unit_test(test_static_files),
		cmocka_unit_test(test_static_handler),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}

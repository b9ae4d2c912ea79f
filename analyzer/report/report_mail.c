/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report_mail - findings as mails to linux-btrfs: one for each signature of a trace, told by its first finding, with
 * all others of that signature listed.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/bugs/bugs.h"
#include "analyzer/explain/explain.h"
#include "analyzer/report/report_log.h"
#include "base/utf8.h"

enum { MAIL_WIDTH = 72, MAIL_PLACES = 20, MAIL_BUGS = 3 };

struct mail {
	FILE *stream;
	const struct report_options *options;
	const struct report_trace *trace;
	const struct finding *told; /* the finding that stands for its signature */
};

static bool same_signature(const struct finding *a, const struct finding *b)
{
	return a->kind == b->kind && a->path == b->path && a->where == b->where;
}

static bool is_told(const struct mail *mail, const struct finding *finding)
{
	return same_signature(finding, mail->told) && report_shows_finding(mail->options, mail->trace, finding);
}

static void put_subject(const struct mail *mail)
{
	char *headline = explain_headline(mail->told, mail->trace->comms);
	char *kernel = mail->trace->kernel != NULL ? utf8_harmless(mail->trace->kernel) : NULL;

	fprintf(mail->stream, "Subject: [BUG] btrfs: qgroup: %s", headline);
	if (kernel != NULL)
		fprintf(mail->stream, ", kernel %.*s", (int)strcspn(kernel, " "), kernel);
	fputc('\n', mail->stream);
	fputs("To: linux-btrfs@vger.kernel.org\n\n", mail->stream);
	free(headline);
	free(kernel);
}

static void put_story(const struct mail *mail)
{
	char *text = explain_text(mail->told, mail->trace->comms);
	char *diagram = explain_diagram(mail->told, mail->trace->comms, EXPLAIN_DIAGRAM_NARROW);
	const char *doubt = explain_doubt(mail->told);

	fputs("[BUG]\n", mail->stream);
	words_wrapped(mail->stream, text, "", MAIL_WIDTH);
	if (doubt != NULL) {
		fputc('\n', mail->stream);
		words_wrapped(mail->stream, doubt, "", MAIL_WIDTH);
	}
	if (diagram != NULL)
		fprintf(mail->stream, "\n(Function names without \"btrfs_\" prefix, from the trace events)\n\n%s",
			diagram);
	free(text);
	free(diagram);
}

static void put_event(const struct mail *mail, const struct event *event)
{
	char text[EVENT_TEXT_MAX];

	fprintf(mail->stream, "%s [%03u] %s: %s\n", words_task(mail->trace->comms, explain_task(event)).text,
		event->cpu, words_time(event->time_ns).text, event_text(event, text, sizeof(text)));
}

static bool is_evidence(const struct finding *finding, uint64_t number)
{
	for (size_t i = 0; i < finding->evidence_count; i++)
		if (finding->evidence[i].occurrence == 0 && finding->evidence[i].event.number == number)
			return true;
	return false;
}

static void put_evidence(const struct mail *mail)
{
	const struct finding *finding = mail->told;
	size_t listed = 0;

	fputs("\n[EVIDENCE]\n", mail->stream);
	for (size_t i = 0; i < finding->evidence_count; i++) {
		if (finding->evidence[i].occurrence != 0)
			continue;
		fprintf(mail->stream, "(%zu) %s:\n", ++listed, explain_role(finding->evidence[i].role));
		put_event(mail, &finding->evidence[i].event);
	}
	listed = 0;
	for (size_t i = 0; i < finding->consequence_count && listed < MAIL_PLACES; i++) {
		if (is_evidence(finding, finding->consequences[i].event.number))
			continue;
		if (listed++ == 0)
			fputs("and later\n", mail->stream);
		put_event(mail, &finding->consequences[i].event);
	}
}

static void put_place(const struct mail *mail, const struct finding *finding, const struct occurrence *occurrence)
{
	const struct names *comms = mail->trace->comms;

	fprintf(mail->stream, "  %s root %" PRIu64, words_time(occurrence->time_ns).text, finding->root);
	if (occurrence->ino != 0)
		fprintf(mail->stream, " ino %" PRIu64, occurrence->ino);
	if (occurrence->len != 0)
		fprintf(mail->stream, " %s", words_range(occurrence->start, occurrence->len).text);
	fprintf(mail->stream, " %" PRIu64 " bytes, %s", occurrence->bytes, words_task(comms, occurrence->task).text);
	if (occurrence->owner_count != 0 && occurrence->owners[0].task.pid >= 0)
		fprintf(mail->stream, ", of %s", words_task(comms, occurrence->owners[0].task).text);
	fputc('\n', mail->stream);
}

static void put_log(const struct mail *mail)
{
	if (!klog_join_supports(&mail->trace->result->join, mail->told))
		return;
	fputs("\n[KERNEL LOG]\nThe kernel says the same:\n", mail->stream);
	report_log_put_of(mail->stream, mail->trace->result, mail->told, "  ", MAIL_PLACES);
}

/* The whole extent of the damage, when the story above was not all of it. */
static void put_places(const struct mail *mail)
{
	const struct replay_result *result = mail->trace->result;
	uint64_t total = 0;
	uint64_t bytes = 0;
	uint64_t shown = 0;

	for (size_t i = 0; i < result->finding_count; i++) {
		if (!is_told(mail, &result->findings[i]))
			continue;
		total += result->findings[i].occurrence_total;
		bytes += result->findings[i].bytes;
	}
	if (total < 2)
		return;
	fprintf(mail->stream, "\n[EXTENT]\n%s of this kind in the trace, %s in all:\n",
		words_count(total, "case", "cases").text, words_bytes(bytes).text);
	for (size_t i = 0; i < result->finding_count; i++) {
		const struct finding *finding = &result->findings[i];

		for (size_t j = 0; is_told(mail, finding) && j < finding->occurrence_count && shown < MAIL_PLACES;
			j++) {
			put_place(mail, finding, &finding->occurrences[j]);
			shown++;
		}
	}
	if (total > shown)
		fprintf(mail->stream, "  ... and %s more\n", words_number(total - shown).text);
}

static void put_bug(const struct mail *mail, const struct bug_match *match)
{
	const struct bug *bug = match->bug;
	const char *sentence = bug_applies_sentence(bug, match->applies);
	char *text;
	int length;

	if (bug->commit == NULL)
		length = asprintf(&text, "A known weakness without a known fix: %s. %c%s.", bug->title,
			toupper((unsigned char)match->why[0]), match->why + 1);
	else
		length = asprintf(&text, "Looks like what %s (\"%s\") fixed in %.*s: %s. %c%s.", bug->commit,
			bug->title, (int)strcspn(bug->fixed_in, " "), bug->fixed_in, match->why,
			toupper((unsigned char)sentence[0]), sentence + 1);
	if (length < 0)
		abort();
	words_wrapped(mail->stream, text, "", MAIL_WIDTH);
	free(text);
}

static void put_causes(const struct mail *mail)
{
	struct bug_match matches[BUGS_MATCHES_MAX];
	size_t count = bugs_match(mail->told, mail->trace->result, mail->trace->kernel, matches);

	fputs("\n[CAUSE]\n", mail->stream);
	if (count == 0)
		fputs("No known bug fits.\n", mail->stream);
	for (size_t i = 0; i < count && i < MAIL_BUGS && (i == 0 || matches[i].applies != BUG_FIXED); i++)
		put_bug(mail, &matches[i]);
}

static void put_footer(const struct mail *mail)
{
	const struct report_trace *trace = mail->trace;
	char *kernel = utf8_harmless(trace->kernel != NULL ? trace->kernel : "not recorded");
	char *name = utf8_harmless(trace->name);

	fprintf(mail->stream, "\n[TRACE]\nkernel %s; %s, %s events, ", kernel, name,
		words_number(trace->result->events).text);
	if (trace->result->lost_marks == 0)
		fputs("none lost\n", mail->stream);
	else
		fprintf(mail->stream, "lost events in %s\n",
			words_count(trace->result->lost_marks, "place", "places").text);
	fprintf(mail->stream, "signature %s\n\n-- \nqgreplay %s\n", explain_signature(mail->told).text,
		mail->options->version);
	free(kernel);
	free(name);
}

static void put_mail(const struct mail *mail)
{
	put_subject(mail);
	put_story(mail);
	put_evidence(mail);
	put_log(mail);
	put_places(mail);
	put_causes(mail);
	put_footer(mail);
}

/* The proof that shows most: certain, and with the damage in it. */
static int telling_value(const struct finding *finding)
{
	return (finding->certainty == CERTAINTY_PROVEN ? 2 : 0) +
	       (explain_event(finding, ROLE_RELEASE_SHORT) != NULL ? 1 : 0);
}

static const struct finding *most_telling(const struct mail *mail)
{
	const struct replay_result *result = mail->trace->result;
	const struct finding *best = mail->told;

	for (size_t i = 0; i < result->finding_count; i++)
		if (is_told(mail, &result->findings[i]) && telling_value(&result->findings[i]) > telling_value(best))
			best = &result->findings[i];
	return best;
}

static bool told_before(const struct mail *mail, size_t index)
{
	const struct finding *findings = mail->trace->result->findings;

	for (size_t i = 0; i < index; i++)
		if (is_told(mail, &findings[i]))
			return true;
	return false;
}

static uint64_t worth_mailing(const struct report_options *options, const struct report_totals *totals)
{
	uint64_t count = 0;

	for (int severity = SEVERITY_WARNING; severity < SEVERITY_COUNT; severity++)
		if (severity >= (int)options->fail_on)
			count += totals->severities[severity];
	return count;
}

static void write_mails(const struct report_streams *streams, const struct report_options *options,
	const struct report_trace *trace, const struct report_totals *totals)
{
	struct mail mail = {.stream = streams->findings, .options = options, .trace = trace};
	uint64_t before = worth_mailing(options, totals);

	for (size_t i = 0; i < trace->result->finding_count; i++) {
		mail.told = &trace->result->findings[i];
		if (mail.told->severity == SEVERITY_NOTE || mail.told->severity < options->fail_on ||
			!report_shows_finding(options, trace, mail.told) || told_before(&mail, i))
			continue;
		if (before++ != 0)
			fputs("\n-- >8 --\n\n", mail.stream);
		mail.told = most_telling(&mail);
		put_mail(&mail);
	}
}

static void write_end(FILE *stream, const struct report_ending *ending)
{
	const struct report_totals *totals = ending->totals;

	if (totals->traces == 0 || worth_mailing(ending->options, totals) != 0)
		return;
	fprintf(stream, "Nothing to report: %s in %s of %s",
		totals->severities[SEVERITY_WARNING] == 0 ? "no mismatch" : "no error",
		words_count(totals->events, "event", "events").text,
		words_count(totals->traces, "trace", "traces").text);
	if (totals->severities[SEVERITY_WARNING] != 0)
		fprintf(stream, " (%s; --fail-on warning tells)",
			words_count(totals->severities[SEVERITY_WARNING], "warning", "warnings").text);
	fputs(".\n", stream);
}

const struct report_format report_mail = {
	.name = "mail",
	.begin = report_nothing,
	.trace = write_mails,
	.middle = report_nothing,
	.end = write_end,
};

/* SPDX-License-Identifier: GPL-2.0-only */
#include "cmd/event_out.h"

#include <string.h>

enum { COLUMN_TEXT, COLUMN_NUMBER, COLUMN_NONE };

/* A value of a column: which of the two, or none. */
struct value {
	int kind;
	const char *text;
	int64_t number;
};

struct column {
	const char *name;
	struct value (*value)(const struct event_out *out, const struct event *event);
};

static const char *const form_names[EVENT_OUT_COUNT] = {
	[EVENT_OUT_TEXT] = "text",
	[EVENT_OUT_CSV] = "csv",
	[EVENT_OUT_JSON] = "json",
	[EVENT_OUT_JSONL] = "jsonl",
};

const char *event_out_form_name(enum event_out_form form)
{
	return form_names[form];
}

static struct value number(uint64_t value)
{
	return (struct value){COLUMN_NUMBER, NULL, (int64_t)value};
}

static struct value text(const char *value)
{
	return (struct value){value != NULL ? COLUMN_TEXT : COLUMN_NONE, value, 0};
}

static struct value name(const struct names *names, uint32_t of)
{
	return text(of != 0 ? names_text(names, of) : NULL);
}

/* Marks of lost events hold two numbers in members that no event has in that sense. */
static bool has(const struct event *event, enum event_member member)
{
	if (event->kind == EVENT_LOST)
		return member == EVENT_MEMBER_START || member == EVENT_MEMBER_BYTES;
	return event_kind_has((enum event_kind)event->kind, member);
}

static struct value member(const struct event *event, enum event_member which)
{
	return has(event, which) ? number(event_get(event, which)) : (struct value){.kind = COLUMN_NONE};
}

static struct value value_trace(const struct event_out *out, const struct event *event)
{
	(void)event;
	return number(out->trace);
}

static struct value value_seq(const struct event_out *out, const struct event *event)
{
	(void)out;
	return number(event->number);
}

static struct value value_time(const struct event_out *out, const struct event *event)
{
	(void)out;
	return number(event->time_ns);
}

static struct value value_cpu(const struct event_out *out, const struct event *event)
{
	(void)out;
	return number(event->cpu);
}

static struct value value_pid(const struct event_out *out, const struct event *event)
{
	(void)out;
	if (event->kind == EVENT_LOST)
		return (struct value){.kind = COLUMN_NONE};
	return (struct value){COLUMN_NUMBER, NULL, event->pid};
}

static struct value value_comm(const struct event_out *out, const struct event *event)
{
	return name(out->info->comms, event->comm);
}

static struct value value_kind(const struct event_out *out, const struct event *event)
{
	(void)out;
	return text(event_kind_name((enum event_kind)event->kind));
}

static struct value value_fsid(const struct event_out *out, const struct event *event)
{
	return name(out->info->fsids, event->fs);
}

static struct value value_root(const struct event_out *out, const struct event *event)
{
	(void)out;
	return member(event, EVENT_MEMBER_ROOT);
}

static struct value value_ino(const struct event_out *out, const struct event *event)
{
	(void)out;
	return member(event, EVENT_MEMBER_INO);
}

static struct value value_start(const struct event_out *out, const struct event *event)
{
	(void)out;
	return member(event, EVENT_MEMBER_START);
}

static struct value value_len(const struct event_out *out, const struct event *event)
{
	(void)out;
	return member(event, EVENT_MEMBER_LEN);
}

static struct value value_bytes(const struct event_out *out, const struct event *event)
{
	(void)out;
	return member(event, EVENT_MEMBER_BYTES);
}

static struct value value_diff(const struct event_out *out, const struct event *event)
{
	(void)out;
	return member(event, EVENT_MEMBER_DIFF);
}

static struct value value_flags(const struct event_out *out, const struct event *event)
{
	(void)out;
	return member(event, EVENT_MEMBER_FLAGS);
}

/* The actions of delayed refs have no words. */
static struct value value_op(const struct event_out *out, const struct event *event)
{
	const char *word = event_op_name(event);

	(void)out;
	return word != NULL ? text(word) : member(event, EVENT_MEMBER_OP);
}

static struct value value_type(const struct event_out *out, const struct event *event)
{
	bool typed = event_kind_has((enum event_kind)event->kind, EVENT_MEMBER_TYPE);

	(void)out;
	return text(typed ? event_type_name(event) : NULL);
}

static struct value value_text(const struct event_out *out, const struct event *event)
{
	return name(out->info->texts, event->kind == EVENT_PRINT ? event->flags : 0);
}

static const struct column columns[] = {
	{"trace", value_trace},
	{"seq", value_seq},
	{"time_ns", value_time},
	{"cpu", value_cpu},
	{"pid", value_pid},
	{"comm", value_comm},
	{"kind", value_kind},
	{"fsid", value_fsid},
	{"root", value_root},
	{"ino", value_ino},
	{"start", value_start},
	{"len", value_len},
	{"bytes", value_bytes},
	{"diff", value_diff},
	{"flags", value_flags},
	{"op", value_op},
	{"type", value_type},
	{"text", value_text},
};

enum { COLUMN_TOTAL = sizeof(columns) / sizeof(columns[0]) };

static void begin_text(struct event_out *out)
{
	const struct text_out_head head = {out->info->kernel, out->info->clock, NULL};
	const struct event_names names = {out->info->comms, out->info->fsids, out->info->texts};

	text_out_head_begin(out->stream);
	text_out_note(out->stream, "", out->title);
	text_out_head_end(out->stream, &head);
	out->text = text_out_new(out->stream, &names);
}

static void begin_csv(struct event_out *out)
{
	out->csv = (struct csv){.stream = out->stream};
	for (size_t i = 0; i < COLUMN_TOTAL; i++)
		csv_text(&out->csv, columns[i].name);
	if (out->roles)
		csv_text(&out->csv, "role");
	csv_end(&out->csv);
}

void event_out_begin(struct event_out *out)
{
	if (out->form == EVENT_OUT_TEXT)
		begin_text(out);
	if (out->form == EVENT_OUT_CSV)
		begin_csv(out);
	if (out->form != EVENT_OUT_JSON)
		return;
	json_init(&out->json, out->stream, 2);
	json_object(&out->json, NULL);
	json_text(&out->json, "qgreplay", QGREPLAY_VERSION);
	json_number(&out->json, "format", 1);
	json_array(&out->json, "events");
}

static void put_csv(struct event_out *out, const struct event *event, const char *role)
{
	for (size_t i = 0; i < COLUMN_TOTAL; i++) {
		struct value value = columns[i].value(out, event);

		if (value.kind == COLUMN_NUMBER)
			csv_signed(&out->csv, value.number);
		else
			csv_text(&out->csv, value.text);
	}
	if (out->roles)
		csv_text(&out->csv, role);
	csv_end(&out->csv);
}

static void put_json(struct event_out *out, const struct event *event, const char *role)
{
	json_object(&out->json, NULL);
	for (size_t i = 0; i < COLUMN_TOTAL; i++) {
		struct value value = columns[i].value(out, event);

		if (value.kind == COLUMN_NUMBER)
			json_signed(&out->json, columns[i].name, value.number);
		else
			json_text(&out->json, columns[i].name, value.text);
	}
	if (out->roles)
		json_text(&out->json, "role", role);
	json_object_end(&out->json);
}

bool event_out_is_full(const struct event_out *out)
{
	return out->limited && out->put >= out->limit;
}

enum err event_out_put(struct event_out *out, const struct event *event, const char *role, struct error *error)
{
	if (event_out_is_full(out))
		return ERR_STOPPED;
	out->put++;
	switch (out->form) {
	case EVENT_OUT_TEXT:
		text_out_note(out->stream, "evidence: ", role);
		return text_out_event(out->text, event, error);
	case EVENT_OUT_CSV:
		put_csv(out, event, role);
		return ERR_OK;
	case EVENT_OUT_JSON:
		put_json(out, event, role);
		return ERR_OK;
	case EVENT_OUT_JSONL:
		json_init(&out->json, out->stream, 0);
		put_json(out, event, role);
		fputc('\n', out->stream);
		return ERR_OK;
	case EVENT_OUT_COUNT:
		break;
	}
	return ERR_OK;
}

/* The mark of perf, which is of all CPUs. */
void event_out_hole(struct event_out *out)
{
	if (out->form == EVENT_OUT_TEXT)
		fputs("LOST 0 events!\n", out->stream);
}

void event_out_end(struct event_out *out)
{
	text_out_free(out->text);
	out->text = NULL;
	if (out->form != EVENT_OUT_JSON)
		return;
	json_array_end(&out->json);
	json_object_end(&out->json);
	fputc('\n', out->stream);
}

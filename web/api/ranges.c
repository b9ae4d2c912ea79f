/* SPDX-License-Identifier: GPL-2.0-only */
/* ranges - the range map of an inode. */
#include <inttypes.h>

#include "base/json.h"
#include "schema/rows/csv.h"
#include "web/api/api.h"
#include "web/message/query.h"
#include "web/page/inode_map.h"

static void write_task(struct json *json, const char *key, const struct names *comms, int32_t pid, uint32_t comm)
{
	if (pid == -1) {
		json_null(json, key);
		return;
	}
	json_object(json, key);
	json_signed(json, "pid", pid);
	json_text(json, "comm", names_text(comms, comm));
	json_object_end(json);
}

static void write_number(struct json *json, const char *key, uint64_t number, bool known)
{
	if (known)
		json_number(json, key, number);
	else
		json_null(json, key);
}

static void write_box(struct json *json, const struct inode_map *map, const struct range_box *box)
{
	json_object(json, NULL);
	json_number(json, "start", box->start);
	json_number(json, "len", box->len);
	json_number(json, "from_ns", box->from_ns);
	write_number(json, "from_seq", box->from_seq, box->from_seq != 0);
	write_task(json, "owner", map->row.comms, box->pid, box->comm);
	json_number(json, "to_ns", box->to_ns);
	write_number(json, "to_seq", box->to_seq, box->to_seq != 0);
	json_text(json, "end", range_end_name(box->end));
	write_task(json, "ended_by", map->row.comms, box->end_pid, box->end_comm);
	write_number(json, "finding", box->finding, box->finding != 0);
	json_bool(json, "over_gap", box->over_gap);
	json_object_end(json);
}

static void write_map(struct call *call, const struct inode_wish *wish, const struct inode_map *map)
{
	size_t count;
	const struct range_box *boxes = range_map_boxes(map->map, &count);
	struct json json;

	json_init(&json, call->response->body, 2);
	json_object(&json, NULL);
	json_number(&json, "trace", wish->subject->trace_id);
	json_number(&json, "root", wish->subject->root);
	json_number(&json, "fs", wish->subject->fs);
	json_text(&json, "fsid", wish->subject->fsid);
	json_number(&json, "ino", wish->ino);
	json_number(&json, "from_ns", wish->window->from_ns);
	json_number(&json, "to_ns", map->to_ns);
	json_bool(&json, "cut", map->cut);
	json_number(&json, "guesses", range_map_guesses(map->map));
	json_array(&json, "ranges");
	for (size_t i = 0; i < count; i++)
		if (boxes[i].to_ns >= wish->window->from_ns)
			write_box(&json, map, &boxes[i]);
	json_array_end(&json);
	json_object_end(&json);
	fputc('\n', call->response->body);
}

static void put_known(struct csv *csv, uint64_t number)
{
	if (number == 0)
		csv_text(csv, NULL);
	else
		csv_unsigned(csv, number);
}

static void put_task(struct csv *csv, const struct names *comms, int32_t pid, uint32_t comm)
{
	if (pid == -1)
		csv_text(csv, NULL);
	else
		csv_signed(csv, pid);
	csv_text(csv, pid == -1 ? NULL : names_text(comms, comm));
}

static void write_csv(struct call *call, const struct inode_wish *wish, const struct inode_map *map)
{
	static const char *const columns[] = {"start", "len", "from_ns", "from_seq", "owner_pid", "owner_comm", "to_ns",
		"to_seq", "end", "ended_by_pid", "ended_by_comm", "finding", "over_gap"};
	struct csv csv = {.stream = call->response->body, .defused = true};
	size_t count;
	const struct range_box *boxes = range_map_boxes(map->map, &count);

	csv_names(&csv, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < count; i++) {
		const struct range_box *box = &boxes[i];

		if (box->to_ns < wish->window->from_ns)
			continue;
		csv_unsigned(&csv, box->start);
		csv_unsigned(&csv, box->len);
		csv_unsigned(&csv, box->from_ns);
		put_known(&csv, box->from_seq);
		put_task(&csv, map->row.comms, box->pid, box->comm);
		csv_unsigned(&csv, box->to_ns);
		put_known(&csv, box->to_seq);
		csv_text(&csv, range_end_name(box->end));
		put_task(&csv, map->row.comms, box->end_pid, box->end_comm);
		put_known(&csv, box->finding);
		csv_unsigned(&csv, box->over_gap);
		csv_end(&csv);
	}
}

enum err api_ranges(struct call *call, struct error *error)
{
	static const char *const names[] = {"trace", "root", "fs", "ino", "from", "to", "format", NULL};
	const struct request *request = call->request;
	const struct subject_wish subject_wish = {
		request_query(request, "trace"), request_query(request, "root"), request_query(request, "fs")};
	struct subject subject = {0};
	struct found found = {0};
	struct inode_map map = {0};
	struct inode_life life;
	struct window window;
	struct inode_wish wish = {&subject, 0, &window, &found};
	bool csv = false;
	enum err err = query_check(call, names, error);

	if (err == ERR_OK)
		err = query_wants_csv(call, &csv, error);
	if (err == ERR_OK && (subject_wish.trace == NULL || subject_wish.root == NULL ||
				     !request_number(&wish.ino, request_query(request, "ino"), false)))
		err = call_refuse(call, 400, error, "ranges are asked for by 'trace', 'root' and 'ino'");
	if (err == ERR_OK)
		err = subject_read(call, &subject_wish, &subject, error);
	if (err == ERR_OK)
		err = inode_life_read(call, &subject, wish.ino, &life, error);
	if (err == ERR_OK)
		err = window_read(call, life.first_ns, life.last_ns, &window, error);
	if (err == ERR_OK)
		err = found_read(call, &subject, wish.ino, &found, error);
	if (err == ERR_OK)
		err = inode_map_read(call, &wish, &map, error);
	if (err == ERR_OK)
		(csv ? write_csv : write_map)(call, &wish, &map);
	inode_map_release(&map);
	found_release(&found);
	subject_release(&subject);
	return err;
}

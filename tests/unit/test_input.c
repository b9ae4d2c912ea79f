/* SPDX-License-Identifier: GPL-2.0-only */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "collector/hash.h"
#include "collector/input.h"

struct data {
	unsigned char *bytes;
	size_t size;
};

enum { PLAIN_SIZE = 3 * INPUT_HEAD + 12345, GZIP_MEMBER = 31 };

static const struct data nothing = {(unsigned char *)"", 0};

/* Bytes that do not pack to nothing, so that packed data are longer than one buffer. */
static struct data plain_data(void)
{
	struct data plain = {malloc(PLAIN_SIZE), PLAIN_SIZE};
	uint32_t random = 1;

	for (size_t i = 0; i < PLAIN_SIZE; i++) {
		random = random * 1664525 + 1013904223;
		plain.bytes[i] = (unsigned char)('a' + (random >> 24) % 26);
	}
	return plain;
}

static struct data gzip_data(struct data plain)
{
	z_stream stream = {0};
	struct data packed = {malloc(plain.size + 1000), plain.size + 1000};

	assert_int_equal(deflateInit2(&stream, 1, Z_DEFLATED, GZIP_MEMBER, 8, Z_DEFAULT_STRATEGY), Z_OK);
	stream.next_in = plain.bytes;
	stream.avail_in = (uInt)plain.size;
	stream.next_out = packed.bytes;
	stream.avail_out = (uInt)packed.size;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	packed.size = stream.total_out;
	deflateEnd(&stream);
	return packed;
}

static struct data zstd_data(struct data plain)
{
	struct data packed = {malloc(ZSTD_compressBound(plain.size)), ZSTD_compressBound(plain.size)};

	packed.size = ZSTD_compress(packed.bytes, packed.size, plain.bytes, plain.size, 1);
	assert_false(ZSTD_isError(packed.size));
	return packed;
}

static struct data joined(struct data first, struct data second)
{
	struct data both = {malloc(first.size + second.size + 1), first.size + second.size};

	memcpy(both.bytes, first.bytes, first.size);
	memcpy(both.bytes + first.size, second.bytes, second.size);
	return both;
}

static int file_of(struct data data)
{
	int fd = memfd_create("input", 0);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data.bytes, data.size), data.size);
	return fd;
}

/* A child writes, so that no pipe is too small. */
static int pipe_of(struct data data, pid_t *writer)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	*writer = fork();
	assert_true(*writer >= 0);
	if (*writer == 0) {
		size_t at = 0;
		ssize_t count = 1;

		close(ends[0]);
		for (; at < data.size && count > 0; at += (size_t)count)
			count = write(ends[1], data.bytes + at, data.size - at);
		_exit(0);
	}
	close(ends[1]);
	return ends[0];
}

static enum err read_all(struct input *input, struct data *all, struct error *error)
{
	size_t got = 1;
	enum err err = ERR_OK;

	*all = (struct data){malloc(4 * PLAIN_SIZE), 0};
	while (err == ERR_OK && got > 0) {
		err = input_read(input, all->bytes + all->size, 9999, &got, error);
		all->size += err == ERR_OK ? got : 0;
		assert_true(all->size + 9999 < 4 * PLAIN_SIZE);
	}
	return err;
}

static void assert_same(struct data got, struct data expected)
{
	assert_int_equal(got.size, expected.size);
	assert_memory_equal(got.bytes, expected.bytes, expected.size);
}

static void check_head(struct input *input, struct data plain)
{
	size_t size;
	const unsigned char *head = input_head(input, &size);

	assert_int_equal(size, plain.size < INPUT_HEAD ? plain.size : INPUT_HEAD);
	assert_memory_equal(head, plain.bytes, size);
}

static void check_stream(int fd, struct data plain)
{
	struct input *input = NULL;
	struct error error = {0};
	struct data all;

	assert_int_equal(input_open(&input, fd, -1, &error), ERR_OK);
	check_head(input, plain);
	assert_int_equal(read_all(input, &all, &error), ERR_OK);
	assert_same(all, plain);
	free(all.bytes);
	input_close(input);
}

static void check_map(int fd, struct data plain)
{
	int spool = memfd_create("spool", 0);
	struct input *input = NULL;
	struct error error = {0};
	const unsigned char *map;
	size_t size;

	assert_int_equal(input_open(&input, fd, spool, &error), ERR_OK);
	check_head(input, plain);
	assert_int_equal(input_map(input, &map, &size, &error), ERR_OK);
	assert_int_equal(size, plain.size);
	assert_memory_equal(map, plain.bytes, size);
	input_close(input);
	close(spool);
}

/* `given` unpacks to `plain`: as a file and through a pipe, as a stream and as a map. Frees `given`. */
static void check_unpacks(struct data given, struct data plain)
{
	pid_t writers[2];
	int file = file_of(given);
	int pipes[] = {pipe_of(given, &writers[0]), pipe_of(given, &writers[1])};

	check_stream(file, plain);
	check_map(file, plain);
	check_stream(pipes[0], plain);
	check_map(pipes[1], plain);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(waitpid(writers[i], NULL, 0), writers[i]);
		close(pipes[i]);
	}
	close(file);
	free(given.bytes);
}

static void reads_plain_data(void **state)
{
	struct data plain = plain_data();

	(void)state;
	check_unpacks(joined(plain, nothing), plain);
	plain.size = 1;
	check_unpacks(joined(plain, nothing), plain);
	free(plain.bytes);
}

static void reads_packed_data(void **state)
{
	struct data plain = plain_data();
	struct data gzip = gzip_data(plain), zstd = zstd_data(plain);

	(void)state;
	check_unpacks(joined(gzip, nothing), plain);
	check_unpacks(joined(zstd, nothing), plain);
	check_unpacks(gzip_data(gzip), plain);
	check_unpacks(gzip_data(zstd), plain);
	check_unpacks(zstd_data(gzip), plain);
	check_unpacks(zstd_data(zstd), plain);
	free(gzip.bytes);
	free(zstd.bytes);
	free(plain.bytes);
}

static void reads_joined_members(void **state)
{
	static unsigned char zeros[300], skippable[] = {0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'};
	struct data plain = plain_data();
	struct data twice = joined(plain, plain);
	struct data gzip = gzip_data(plain), zstd = zstd_data(plain);
	struct data gzips = joined(gzip, gzip), zstds = joined(zstd, zstd);

	(void)state;
	check_unpacks(joined(gzips, (struct data){zeros, sizeof(zeros)}), twice);
	check_unpacks(joined((struct data){skippable, sizeof(skippable)}, zstds), twice);
	check_unpacks(joined(zstd, (struct data){skippable, sizeof(skippable)}), plain);
	check_unpacks(gzips, twice);
	check_unpacks(zstds, twice);
	free(gzip.bytes);
	free(zstd.bytes);
	free(twice.bytes);
	free(plain.bytes);
}

static enum err open_and_read(struct data given, struct error *error)
{
	struct input *input = NULL;
	int fd = file_of(given);
	struct data all = {0};
	enum err err = input_open(&input, fd, -1, error);

	if (err == ERR_OK)
		err = read_all(input, &all, error);
	input_close(input);
	free(all.bytes);
	close(fd);
	return err;
}

static void check_refused(struct data given, enum err expected, const char *text)
{
	struct error error = {0};

	assert_int_equal(open_and_read(given, &error), expected);
	print_message("%s\n", error.text);
	assert_non_null(strstr(error.text, text));
}

static void names_the_end_of_truncated_data(void **state)
{
	struct data plain = plain_data();
	struct data packed[] = {gzip_data(plain), zstd_data(plain)};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		for (size_t size = 4; size < packed[i].size; size += size < 40 ? 1 : packed[i].size / 10) {
			char place[40];

			snprintf(place, sizeof(place), "end early, after %zu bytes", size);
			check_refused((struct data){packed[i].bytes, size}, ERR_INPUT, place);
		}
		check_refused((struct data){packed[i].bytes, packed[i].size - 1}, ERR_INPUT, "end early");
		free(packed[i].bytes);
	}
	free(plain.bytes);
}

static void refuses_damaged_data(void **state)
{
	struct data plain = plain_data();
	struct data gzip = gzip_data(plain), zstd = zstd_data(plain);
	struct data behind = joined(gzip, (struct data){(unsigned char *)"junk", 4});

	(void)state;
	check_refused(behind, ERR_INPUT, "unexpected bytes behind the end");
	memset(gzip.bytes + gzip.size / 2, 0xff, 100);
	check_refused(gzip, ERR_INPUT, "the gzip data are damaged at byte");
	gzip.bytes[2] = 0xff;
	check_refused(gzip, ERR_INPUT, "the gzip data are damaged at byte");
	memset(zstd.bytes + 10, 0xff, 100);
	check_refused(zstd, ERR_INPUT, "the zstd data are damaged at byte");
	free(behind.bytes);
	free(gzip.bytes);
	free(zstd.bytes);
	free(plain.bytes);
}

static void refuses_deep_packing(void **state)
{
	struct data plain = {(unsigned char *)"abc", 3};
	struct data once = gzip_data(plain), twice = zstd_data(once), thrice = gzip_data(twice);

	(void)state;
	check_refused(thrice, ERR_INPUT, "packed more than twice");
	free(once.bytes);
	free(twice.bytes);
	free(thrice.bytes);
}

/* The header claims a window of 1 GiB. */
static void refuses_a_large_window(void **state)
{
	static unsigned char frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, (30 - 10) << 3, 0x01, 0x00, 0x00};

	(void)state;
	check_refused((struct data){frame, sizeof(frame)}, ERR_LIMIT, "window of more than 128 MiB");
}

static void refuses_what_holds_nothing(void **state)
{
	struct data packed = gzip_data(nothing);
	struct input *input = NULL;
	struct error error = {0};
	int directory = open("/", O_RDONLY | O_DIRECTORY);
	int unreadable = open("/dev/null", O_WRONLY);

	(void)state;
	check_refused(nothing, ERR_INPUT, "it is empty");
	check_refused(packed, ERR_INPUT, "nothing in the packed data");
	assert_int_equal(input_open(&input, directory, -1, &error), ERR_INPUT);
	assert_non_null(strstr(error.text, "directory"));
	assert_int_equal(input_open(&input, unreadable, -1, &error), ERR_SYSTEM);
	assert_non_null(strstr(error.text, "reading failed at byte 0"));
	assert_int_equal(input_open(&input, -1, -1, &error), ERR_SYSTEM);
	assert_null(input);
	close(directory);
	close(unreadable);
	free(packed.bytes);
}

static void needs_a_spool_file(void **state)
{
	struct data plain = plain_data();
	struct data packed = gzip_data(plain);
	int fd = file_of(packed), full = open("/dev/full", O_WRONLY);
	struct input *input = NULL;
	struct error error = {0};
	const unsigned char *map;
	size_t size;

	(void)state;
	assert_int_equal(input_open(&input, fd, -1, &error), ERR_OK);
	assert_int_equal(input_map(input, &map, &size, &error), ERR_SYSTEM);
	assert_non_null(strstr(error.text, "no temporary file"));
	input_close(input);
	assert_int_equal(input_open(&input, fd, full, &error), ERR_OK);
	assert_int_equal(input_map(input, &map, &size, &error), ERR_SYSTEM);
	assert_non_null(strstr(error.text, "No space left"));
	input_close(input);
	close(full);
	close(fd);
	free(packed.bytes);
	free(plain.bytes);
}

/* FIPS 180-2, examples B.1 and B.3. */
static void hashes_files(void **state)
{
	struct data letters = {malloc(1000000), 1000000};
	int million = -1, abc = file_of((struct data){(unsigned char *)"abc", 3});
	char hex[HASH_HEX + 1];

	(void)state;
	memset(letters.bytes, 'a', letters.size);
	million = file_of(letters);
	assert_int_equal(lseek(abc, 1, SEEK_SET), 1);
	assert_int_equal(input_sha256(abc, hex, NULL), ERR_OK);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_int_equal(lseek(abc, 0, SEEK_CUR), 1);
	assert_int_equal(input_sha256(million, hex, NULL), ERR_OK);
	assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	assert_int_equal(input_sha256(-1, hex, NULL), ERR_SYSTEM);
	close(abc);
	close(million);
	free(letters.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_plain_data),
		cmocka_unit_test(reads_packed_data),
		cmocka_unit_test(reads_joined_members),
		cmocka_unit_test(names_the_end_of_truncated_data),
		cmocka_unit_test(refuses_damaged_data),
		cmocka_unit_test(refuses_deep_packing),
		cmocka_unit_test(refuses_a_large_window),
		cmocka_unit_test(refuses_what_holds_nothing),
		cmocka_unit_test(needs_a_spool_file),
		cmocka_unit_test(hashes_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

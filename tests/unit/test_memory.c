/* SPDX-License-Identifier: GPL-2.0-only */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"

static void test_zeroed(void **state)
{
	unsigned char *bytes = memory_zeroed(1000);
	void *nothing = memory_zeroed(0);

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(bytes[i], 0);
	assert_non_null(nothing);
	free(bytes);
	free(nothing);
}

static void test_grown_keeps_content_and_doubles(void **state)
{
	size_t capacity = 0;
	size_t moves = 0;
	uint32_t *numbers = NULL;

	(void)state;
	for (uint32_t i = 0; i < 100000; i++) {
		size_t before = capacity;

		numbers = memory_grown(numbers, &capacity, i + 1, sizeof(*numbers));
		assert_true(capacity > i);
		moves += capacity != before;
		numbers[i] = i;
	}
	assert_in_range(moves, 1, 20);
	for (uint32_t i = 0; i < 100000; i++)
		assert_int_equal(numbers[i], i);
	assert_ptr_equal(memory_grown(numbers, &capacity, 5, sizeof(*numbers)), numbers);
	free(numbers);
}

static void test_text_is_copied_and_ended(void **state)
{
	const char source[] = {'a', '\0', 'b', 'c'};
	char *copy = memory_text(source, 3);

	(void)state;
	assert_memory_equal(copy, "a\0b\0", 4);
	free(copy);
}

/* Runs `exhaust` in a child: it must end with the status for this, and one line on stderr. */
static void expect_one_line(void (*exhaust)(void))
{
	char text[200] = "";
	int both[2];
	int status;
	pid_t child;

	assert_int_equal(pipe(both), 0);
	child = fork();
	if (child == 0) {
		dup2(both[1], STDERR_FILENO);
		exhaust();
		_exit(0);
	}
	close(both[1]);
	assert_true(read(both[0], text, sizeof(text) - 1) > 0);
	close(both[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), MEMORY_EXIT_STATUS);
	assert_string_equal(text, "qgreplay: out of memory\n");
}

static void overflow_resized(void)
{
	free(memory_resized(NULL, SIZE_MAX / 2, 4));
}

static void overflow_grown(void)
{
	size_t capacity = 16;

	free(memory_grown(NULL, &capacity, SIZE_MAX - 1, 4));
}

static void test_sizes_that_overflow_are_exhaustion(void **state)
{
	(void)state;
	expect_one_line(overflow_resized);
	expect_one_line(overflow_grown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zeroed),
		cmocka_unit_test(test_grown_keeps_content_and_doubles),
		cmocka_unit_test(test_text_is_copied_and_ended),
		cmocka_unit_test(test_sizes_that_overflow_are_exhaustion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

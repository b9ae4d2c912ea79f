/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/draw/scale.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NANOS_DIGITS = 9, BYTES_DIGITS = 3 };

int scale_at(const struct scale *scale, uint64_t value)
{
	double part;

	if (value <= scale->low || scale->high <= scale->low)
		return scale->low_at;
	if (value >= scale->high)
		return scale->high_at;
	part = (double)(value - scale->low) / (double)(scale->high - scale->low);
	return scale->low_at +
	       (int)(part * (scale->high_at - scale->low_at) + (scale->high_at > scale->low_at ? .5 : -.5));
}

/* The ticks of a step; their count is above `most` where the step is too small. */
static struct ticks ticks_by(const struct scale *scale, uint64_t step, unsigned most)
{
	struct ticks ticks = {.first = scale->low, .step = step};
	uint64_t over = scale->low % step;
	uint64_t count;

	if (over != 0 && step - over > UINT64_MAX - scale->low)
		return ticks;
	if (over != 0)
		ticks.first += step - over;
	if (ticks.first > scale->high)
		return ticks;
	count = (scale->high - ticks.first) / step;
	ticks.count = count < most ? (unsigned)count + 1 : most + 1;
	return ticks;
}

struct ticks ticks_decimal(const struct scale *scale, unsigned most)
{
	static const unsigned factors[] = {1, 2, 5};
	struct ticks ticks = {.first = scale->low};
	uint64_t power = 1;
	uint64_t step;

	for (unsigned i = 0; !__builtin_mul_overflow(power, (uint64_t)factors[i % 3], &step); i++) {
		ticks = ticks_by(scale, step, most);
		if (ticks.count <= most)
			return ticks;
		if (i % 3 == 2 && __builtin_mul_overflow(power, (uint64_t)10, &power))
			break;
	}
	ticks.count = most;
	return ticks;
}

struct ticks ticks_binary(const struct scale *scale, unsigned most)
{
	struct ticks ticks = ticks_by(scale, 1, most);

	while (ticks.count > most && ticks.step <= UINT64_MAX / 2)
		ticks = ticks_by(scale, ticks.step * 2, most);
	if (ticks.count > most)
		ticks.count = most;
	return ticks;
}

/* Writes digits of a fraction behind `text`, without the zeros at its end. */
static void add_fraction(struct label *label, uint64_t fraction, int digits)
{
	size_t length = strlen(label->text);
	size_t end;

	snprintf(label->text + length, sizeof(label->text) - length, ".%0*" PRIu64, digits, fraction);
	for (end = strlen(label->text); label->text[end - 1] == '0'; end--)
		continue;
	label->text[label->text[end - 1] == '.' ? end - 1 : end] = '\0';
}

struct label label_time(uint64_t time_ns, const struct ticks *ticks)
{
	struct label label;
	int digits = NANOS_DIGITS;
	uint64_t unit = 1;

	while (digits > 0 && ticks->step % (unit * 10) == 0) {
		unit *= 10;
		digits--;
	}
	snprintf(label.text, sizeof(label.text), "%" PRIu64, time_ns / 1000000000);
	if (digits > 0) {
		size_t length = strlen(label.text);

		snprintf(label.text + length, sizeof(label.text) - length, ".%0*" PRIu64, digits,
			time_ns % 1000000000 / unit);
	}
	return label;
}

struct label label_bytes(uint64_t bytes, const struct ticks *ticks)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	uint64_t last = ticks->first + (ticks->count > 0 ? ticks->count - 1 : 0) * ticks->step;
	struct label label;
	unsigned unit = 0;
	size_t length;

	while (unit < 6 && last >> 10 * (unit + 1) != 0)
		unit++;
	snprintf(label.text, sizeof(label.text), "%" PRIu64, bytes >> 10 * unit);
	if (unit > 0) {
		uint64_t rest = (bytes >> 10 * (unit - 1)) % 1024;

		add_fraction(&label, rest * 1000 / 1024, BYTES_DIGITS);
	}
	length = strlen(label.text);
	if (bytes != 0)
		snprintf(label.text + length, sizeof(label.text) - length, " %s", units[unit]);
	return label;
}

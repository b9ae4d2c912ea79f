/* SPDX-License-Identifier: GPL-2.0-only */
#include "web/draw/plot_path.h"

#include "web/draw/svg.h"

uint64_t plot_was_value(const struct whatif_point *point)
{
	return point->was_high != point->should_high ? point->was_high : point->was_low;
}

uint64_t plot_should_value(const struct whatif_point *point)
{
	return point->was_high != point->should_high ? point->should_high : point->should_low;
}

static uint64_t low_of(const struct whatif_point *point, enum plot_curve curve)
{
	return curve == PLOT_WAS ? point->was_low : point->should_low;
}

static uint64_t high_of(const struct whatif_point *point, enum plot_curve curve)
{
	return curve == PLOT_WAS ? point->was_high : point->should_high;
}

static int x_of(const struct plot_path *path, size_t index)
{
	const struct plot *plot = path->plot;

	return scale_at(path->x, index < plot->point_count ? plot->points[index].time_ns : plot->to_ns);
}

static void move(const struct plot_path *path, char how, int at)
{
	fputc(how, path->stream);
	svg_number(path->stream, at);
}

/* From each point to the next one in steps: first to its height, then to the next one's time. */
static void write_highs(const struct plot_path *path, enum plot_curve curve, const struct scale *y)
{
	int at = scale_at(y, high_of(&path->plot->points[0], curve));

	move(path, 'M', x_of(path, 0));
	move(path, ' ', at);
	for (size_t i = 0; i < path->plot->point_count; i++) {
		int next = scale_at(y, high_of(&path->plot->points[i], curve));

		if (next == at)
			continue;
		move(path, 'H', x_of(path, i));
		move(path, 'V', next);
		at = next;
	}
	move(path, 'H', x_of(path, path->plot->point_count));
}

static void write_lows_back(const struct plot_path *path, enum plot_curve curve, const struct scale *y)
{
	for (size_t i = path->plot->point_count; i > 0; i--) {
		move(path, 'V', scale_at(y, low_of(&path->plot->points[i - 1], curve)));
		move(path, 'H', x_of(path, i - 1));
	}
	fputc('Z', path->stream);
}

static bool is_band(const struct plot *plot, enum plot_curve curve)
{
	for (size_t i = 0; i < plot->point_count; i++)
		if (low_of(&plot->points[i], curve) != high_of(&plot->points[i], curve))
			return true;
	return false;
}

void plot_path_curve(const struct plot_path *path, enum plot_curve curve, const struct scale *y)
{
	const char *class = curve == PLOT_WAS ? "was" : "should";

	if (path->plot->point_count == 0)
		return;
	if (is_band(path->plot, curve)) {
		fprintf(path->stream, "<path class=\"%s-band\" d=\"", class);
		write_highs(path, curve, y);
		write_lows_back(path, curve, y);
		fputs("\"/>\n", path->stream);
	}
	fprintf(path->stream, "<path class=\"%s\" d=\"", class);
	write_highs(path, curve, y);
	fputs("\"/>\n", path->stream);
}

/* Two heights at each point, between which the area lies. */
struct area {
	uint64_t one;
	uint64_t other;
};

typedef struct area (*area_of)(const struct whatif_point *point);

static struct area between(const struct whatif_point *point)
{
	return (struct area){plot_should_value(point), plot_was_value(point)};
}

static struct area off(const struct whatif_point *point)
{
	uint64_t should = plot_should_value(point);
	uint64_t was = plot_was_value(point);

	return (struct area){should > was ? should - was : was - should, 0};
}

static bool is_off(const struct whatif_point *point, bool low)
{
	uint64_t should = plot_should_value(point);
	uint64_t was = plot_was_value(point);

	return low ? should > was : should < was;
}

/* The area of points [first, last): forward along one height, and back along the other. */
static void write_run(const struct plot_path *path, area_of area, const size_t run[2], const struct scale *y)
{
	const struct whatif_point *points = path->plot->points;

	move(path, 'M', x_of(path, run[0]));
	move(path, ' ', scale_at(y, area(&points[run[0]]).one));
	for (size_t i = run[0]; i < run[1]; i++) {
		move(path, 'V', scale_at(y, area(&points[i]).one));
		move(path, 'H', x_of(path, i + 1));
	}
	for (size_t i = run[1]; i > run[0]; i--) {
		move(path, 'V', scale_at(y, area(&points[i - 1]).other));
		move(path, 'H', x_of(path, i - 1));
	}
	fputc('Z', path->stream);
}

static void write_areas(const struct plot_path *path, area_of area, bool low, const struct scale *y)
{
	const struct plot *plot = path->plot;
	bool begun = false;
	size_t i = 0;

	while (i < plot->point_count) {
		size_t first = i;

		while (i < plot->point_count && is_off(&plot->points[i], low))
			i++;
		if (i == first) {
			i++;
			continue;
		}
		if (!begun)
			fprintf(path->stream, "<path class=\"%s\" d=\"", low ? "damage-low" : "damage-high");
		begun = true;
		write_run(path, area, (size_t[]){first, i}, y);
	}
	if (begun)
		fputs("\"/>\n", path->stream);
}

void plot_path_damage(const struct plot_path *path, bool low, const struct scale *y)
{
	write_areas(path, between, low, y);
}

void plot_path_off(const struct plot_path *path, bool low, const struct scale *y)
{
	write_areas(path, off, low, y);
}

/* SPDX-License-Identifier: MIT */
#include "host/png_canvas.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* Whether a file whose name has `part` is mapped into this process. */
static bool is_mapped(const char *part)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[4096];
	bool is_found = false;

	assert_non_null(maps);
	while (!is_found && fgets(line, sizeof line, maps))
		is_found = strstr(line, part) != NULL;
	(void)fclose(maps);
	return is_found;
}

static void cairo_is_loaded_when_an_image_is_drawn(void **state)
{
	char *image = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&image, &len);
	struct png_canvas png;

	(void)state;
	assert_non_null(out);
	assert_false(is_mapped("/libcairo.so"));
	assert_int_equal(png_canvas_begin(&png, 10, 10), 0);
	assert_true(is_mapped("/libcairo.so"));
	png.canvas.ops->text(&png.canvas, PAINT_INK, 1, 9, 8, false, ANCHOR_START, "x");
	assert_int_equal(png_canvas_end(&png, out), 0);
	assert_int_equal(fclose(out), 0);
	assert_memory_equal(image, "\x89PNG", 4);
	free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cairo_is_loaded_when_an_image_is_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "host/cairo_library.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define FUNCTION(name)                                                                             \
	{                                                                                          \
		"cairo_" #name, offsetof(struct cairo_library, name)                               \
	}

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
	FUNCTION(create),
	FUNCTION(destroy),
	FUNCTION(fill),
	FUNCTION(image_surface_create),
	FUNCTION(line_to),
	FUNCTION(move_to),
	FUNCTION(rectangle),
	FUNCTION(scale),
	FUNCTION(select_font_face),
	FUNCTION(set_dash),
	FUNCTION(set_font_size),
	FUNCTION(set_line_width),
	FUNCTION(set_source_rgb),
	FUNCTION(show_text),
	FUNCTION(status),
	FUNCTION(stroke),
	FUNCTION(surface_destroy),
	FUNCTION(surface_write_to_png_stream),
	FUNCTION(text_extents),
};
enum { FUNCTION_COUNT = sizeof(functions) / sizeof(*functions) };
_Static_assert(FUNCTION_COUNT * sizeof(void (*)(void)) == sizeof(struct cairo_library),
	"a function of cairo is not loaded");

static bool find_functions(void *handle, struct cairo_library *ret_library)
{
	for (size_t i = 0; i < FUNCTION_COUNT; i++) {
		const void *function = dlsym(handle, functions[i].name);

		if (!function)
			return false;
		/* POSIX lets a function pointer have the bytes of the object pointer (dlsym). */
		memcpy((char *)ret_library + functions[i].offset, &function, sizeof(function));
	}
	return true;
}

const struct cairo_library *cairo_library_load(void)
{
	static struct cairo_library library;
	static bool is_loaded;
	void *handle;

	if (is_loaded)
		return &library;
	handle = dlopen("libcairo.so.2", RTLD_NOW | RTLD_LOCAL);
	is_loaded = handle && find_functions(handle, &library);
	return is_loaded ? &library : NULL;
}

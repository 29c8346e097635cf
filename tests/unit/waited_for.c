/* SPDX-License-Identifier: MIT */
#include "core/report/waited_for.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void what_an_application_waits_for_is_told_from_its_connections(void **state)
{
	static const struct {
		struct conn_counts counts;
		enum waited_for waited_for;
		const char *name, *text;
	} cases[] = {
		{{.open = 5, .busy = 2, .held = 2, .idle = 3, .unused = 3, .listening = 1},
			WAITED_FOR_WORK, "work", "requests are in flight on 2 of its connections"},
		{{.open = 5, .busy = 1, .unsure = 1, .held = 2, .idle = 3, .listening = 1},
			WAITED_FOR_WORK, "work",
			"requests may be in flight on 2 of its connections"},
		{{.open = 3, .idle = 3, .unused = 3, .listening = 1}, WAITED_FOR_NO_STOP,
			"still_listening", "it still listens"},
		{{.open = 1, .idle = 1, .unused = 1}, WAITED_FOR_NEVER_USED,
			"never_used_connections",
			"it no longer listens; still open: 1 never used connection"},
		{{.open = 4, .idle = 4, .unused = 3}, WAITED_FOR_IDLE, "idle_connections",
			"it no longer listens; still open: 4 idle connections"},
		{{.open = 0}, WAITED_FOR_NO_CONNECTION, "no_connection",
			"it does not listen, and no connection is open"},
	};
	char bytes[128];
	struct text text;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(waited_for_judge(&cases[i].counts), cases[i].waited_for);
		assert_string_equal(waited_for_name(cases[i].waited_for), cases[i].name);
		text_init(&text, bytes, sizeof bytes);
		waited_for_add(&text, cases[i].waited_for, &cases[i].counts);
		assert_string_equal(bytes, cases[i].text);
	}
	assert_null(waited_for_name(WAITED_FOR_UNKNOWN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_application_waits_for_is_told_from_its_connections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

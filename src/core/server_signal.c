/* SPDX-License-Identifier: MIT */
#include "core/server_signal.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>

static const struct {
	char name_start[sizeof "lighttpd"]; /* names carry versions: php-fpm8.2 */
	unsigned char signal;
} servers[] = {
	{"nginx", SIGQUIT}, /* nginx.org/en/docs/control.html: TERM is a fast shutdown */
	{"httpd", SIGWINCH}, /* httpd.apache.org/docs/2.4/stopping.html */
	{"apache2", SIGWINCH},
	{"haproxy", SIGUSR1}, /* its management guide, "Stopping and restarting" */
	{"php-fpm", SIGQUIT}, /* php-fpm(8) */
	{"unicorn", SIGQUIT}, /* its SIGNALS page: TERM is a quick shutdown */
	{"lighttpd", SIGINT}, /* lighttpd(8) */
};

int server_signal_to_finish(const char *process_name)
{
	for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
		if (strncmp(process_name, servers[i].name_start, strlen(servers[i].name_start)) ==
			0)
			return servers[i].signal;
	}
	return 0;
}

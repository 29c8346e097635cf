/* SPDX-License-Identifier: MIT */
/* Which platform runs this container, and how long it waits between the stop signal and SIGKILL by default.
 * A container learns that number only where a user has set a variable that carries it. Elsewhere the platform is
 * recognised by what it sets, and its documented default is taken.
 *
 * One table, a row a platform, the first match wins. Vendors come before Kubernetes, on which some of them run
 * (Azure Container Apps sets KUBERNETES_SERVICE_HOST), and all of these before the engines. Left out are
 * platforms whose number is not documented (Koyeb, Clever Cloud, App Runner, Azure Container Instances, …), and
 * continuous integration: there the container is what is tested, and no platform of it. */
#pragma once

#include "core/text/text.h"

#include <stdbool.h>
#include <stdint.h>

/* What a program can find out of its environment before it starts anything. */
struct platform_facts {
	char *const *environment; /* NAME=value each, NULL at the end */
	bool has_dockerenv; /* /.dockerenv is there: Docker creates it (moby, initlayer/setup_unix.go) */
	bool has_containerenv; /* /run/.containerenv is there: podman creates it */
	int pid; /* ours: systemd sets SYSTEMD_EXEC_PID to that of a service it starts (systemd.exec(5)) */
};

struct platform {
	const char *name; /* as people call it; NULL: no platform was recognised */
	char source[24]; /* of its number, as the report names it: "fly-default" */
	/* How it is recognised. A variable's NAME: set, and not empty; NAME=VALUE; NAME=PREFIX*; NAME=@: our
	 * pid; !NAME: not set; /FILE: is there. All words of an alternative must hold; alternatives are separated
	 * by '|'. */
	const char *marks;
	const char *carrier; /* a variable that has the number; set, it is a mark, too; or NULL */
	/* All times are milliseconds. */
	uint32_t grace; /* from the stop signal to SIGKILL; 0: SIGKILL may come at once */
	/* What it needs where its traffic does not stop before the stop signal: */
	uint16_t min_drain, quiet_period;
	bool empty_is_default; /* the carrier may be empty, which stands for `grace` */
};

/* Never NULL: the last row matches always. */
const struct platform *platform_find(const struct platform_facts *facts);

/* The row of a name, or NULL: for tests and for documents. */
const struct platform *platform_row(unsigned index);

/* Adds why a row was found: "KUBERNETES_SERVICE_HOST is set". */
void platform_add_reason(
	struct text *text, const struct platform *platform, const struct platform_facts *facts);

/* The variable `container`, which container managers set for PID 1 (systemd's CONTAINER_INTERFACE):
 * "podman", "lxc", "systemd-nspawn", or "oci", which is also baked into images and proves nothing. NULL where
 * it is not set. */
const char *platform_container(const struct platform_facts *facts);

/* SPDX-License-Identifier: MIT */
/* lastcall-drill report: what many reports of lastcall say together. */
#pragma once

/* argv[0] is "report". Returns the exit status: 0, no stop lost work; 1, one did; 2, bad usage, or a
 * file that cannot be read; 4, there is no report, or none that could see connections. */
int report_main(int argc, char *argv[]);

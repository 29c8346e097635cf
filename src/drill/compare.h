/* SPDX-License-Identifier: MIT */
/* lastcall-drill compare: two drills side by side. */
#pragma once

/* argv[0] is "compare". Returns the exit status: 0, B is not shown to be worse than A; 1, it is; 2,
 * bad usage, or a file that is no drill; 4, too few runs to show any difference. */
int compare_main(int argc, char *argv[]);

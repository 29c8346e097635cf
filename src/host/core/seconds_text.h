/* SPDX-License-Identifier: MIT */
/* Seconds as people read them: 3.2 ms, 231 ms, 2.31 s. */
#pragma once

#define SECONDS_TEXT_BYTES 32

/* Returns buf. NAN is "-". */
const char *seconds_text(char buf[static SECONDS_TEXT_BYTES], double seconds);

/* SPDX-License-Identifier: MIT */
/* Text in the markup of others: each writes text from anywhere so that it is shown as it is and
 * cannot end the element, the table cell or the command that it stands in. */
#pragma once

#include <stdio.h>

/* In an element or between double quotes; also HTML. */
void markup_xml(FILE *out, const char *text);

/* In a table cell of GitHub's Markdown, or a line of its own. */
void markup_markdown(FILE *out, const char *text);

/* A workflow command of GitHub Actions, ::error title=TITLE::MESSAGE, with its newline. Line breaks of
 * the message stay. */
void markup_github_command(FILE *out, const char *command, const char *title, const char *message);

/* Between the double quotes of an OpenMetrics label. */
void markup_label(FILE *out, const char *text);

/* SPDX-License-Identifier: MIT */
/* How near to each other two files are: of several documents that another may refer to, it means the nearest. */
#pragma once

enum nearness { ELSEWHERE, SAME_FOLDER, SAME_FILE, NEARNESS_COUNT };

enum nearness nearness_of(const char *file, const char *other);

/* SPDX-License-Identifier: MIT */
#include "sys/process_status.h"

#include "core/text/number.h"
#include "core/text/text.h"
#include "sys/fd.h"
#include "sys/line_reader.h"
#include "sys/process_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

#define GO_NOTE ".note.go.buildid" /* cmd/link writes it, and strip(1) leaves it */
#define MAX_SECTIONS 512 /* more than any linker makes; a file may claim anything */
#define SECTIONS_AT_ONCE 32
#define NOTE_NAME_BYTES 32

/* Opens /proc/PID. Returns the descriptor or -errno. */
static int open_process(pid_t pid)
{
	fd_cleanup int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char bytes[16];
	struct text name;
	int fd, r;

	if (proc < 0)
		return -errno;
	r = process_tree_check_proc(proc);
	if (r < 0)
		return r;
	text_init(&name, bytes, sizeof bytes);
	text_printf(&name, "%d", pid);
	fd = openat(proc, bytes, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	return fd;
}

/* Reads the beginning of a file. Returns its bytes, the last place is a NUL's; 0 when it cannot be read. */
static size_t read_file(int dir, const char *file, char *ret_bytes, size_t cap)
{
	fd_cleanup int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, ret_bytes, cap - 1) : -1;

	if (n < 0)
		n = 0;
	ret_bytes[n] = '\0';
	return (size_t)n;
}

static void read_name(int dir, struct program *program)
{
	(void)read_file(dir, "comm", program->name, sizeof program->name);
	program->name[strcspn(program->name, "\n")] = '\0';
}

/* The last part of the path, without what the kernel adds to a file that was replaced meanwhile. */
static void read_file_name(int dir, struct program *program)
{
	char path[PATH_MAX];
	ssize_t n = readlinkat(dir, "exe", path, sizeof path - 1);
	struct text file;
	char *base;

	if (n < 0)
		return;
	path[n] = '\0';
	base = strrchr(path, '/');
	base = base != NULL ? base + 1 : path;
	base[strcspn(base, " ")] = '\0';
	text_init(&file, program->file, sizeof program->file);
	text_add(&file, base);
}

/* The function of the kernel that the main thread sleeps in. */
static bool sleeps_in_sigwait(int dir)
{
	char function[64];

	(void)read_file(dir, "wchan", function, sizeof function);
	return strncmp(function, "do_sigtimedwait", strlen("do_sigtimedwait")) == 0;
}

static bool read_exactly(int fd, void *buf, size_t len, uint64_t offset)
{
	return offset <= INT64_MAX && pread(fd, buf, len, (off_t)offset) == (ssize_t)len;
}

/* Whether one of these sections is a note of this name. */
static bool is_any_note(
	int fd, const ElfW(Shdr) * sections, size_t count, uint64_t names, const char *name)
{
	char found[NOTE_NAME_BYTES];
	size_t len = strlen(name) + 1; /* its NUL, too */

	for (size_t i = 0; i < count; i++) {
		if (sections[i].sh_type == SHT_NOTE &&
			read_exactly(fd, found, len, names + sections[i].sh_name) &&
			memcmp(found, name, len) == 0)
			return true;
	}
	return false;
}

/* The table of names is a section itself; each section's header says where in it its name begins. The application
 * gets its stop signal after this: so few reads are made. */
int process_status_file_has_note(int fd, const char *name)
{
	ElfW(Ehdr) header;
	ElfW(Shdr) names, sections[SECTIONS_AT_ONCE];
	size_t count;

	if (strlen(name) >= NOTE_NAME_BYTES)
		return -EINVAL;
	if (!read_exactly(fd, &header, sizeof header, 0))
		return -EBADMSG;
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_shentsize != sizeof names ||
		header.e_shnum > MAX_SECTIONS || header.e_shstrndx >= header.e_shnum)
		return 0;
	if (!read_exactly(fd, &names, sizeof names,
		    header.e_shoff + (uint64_t)header.e_shstrndx * sizeof names))
		return -EBADMSG;
	for (size_t i = 0; i < header.e_shnum; i += count) {
		count = header.e_shnum - i < SECTIONS_AT_ONCE ? header.e_shnum - i
							      : SECTIONS_AT_ONCE;
		if (!read_exactly(fd, sections, count * sizeof *sections,
			    header.e_shoff + i * sizeof *sections))
			return -EBADMSG;
		if (is_any_note(fd, sections, count, names.sh_offset, name))
			return 1;
	}
	return 0;
}

/* The kernel's link leads to the file even where it was deleted, but is closed to us where the process runs as
 * another user; then its first word may be a path. */
static bool is_go(int dir, const struct program *program)
{
	fd_cleanup int fd = openat(dir, "exe", O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && program->words_len > 0 && program->words[0] == '/')
		fd = open(program->words, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd >= 0 && process_status_file_has_note(fd, GO_NOTE) == 1;
}

/* 16 hexadecimal digits behind a blank, the lowest bit last. */
static uint64_t parse_set(const char *hex)
{
	uint64_t set = 0;

	for (hex += strspn(hex, " \t"); *hex != '\0' && number_hex_digit(*hex) >= 0; hex++)
		set = set << 4 | (uint64_t)number_hex_digit(*hex);
	return set;
}

static void read_signals(int dir, struct program *program)
{
	const struct {
		const char *prefix;
		uint64_t *set;
	} sets[] = {{"SigBlk:", &program->blocked}, {"SigIgn:", &program->ignored},
		{"SigCgt:", &program->caught}};
	fd_cleanup int fd = openat(dir, "status", O_RDONLY | O_CLOEXEC);
	struct line_reader reader;
	const char *line;
	size_t len, found = 0;

	line_reader_init(&reader, fd);
	while (fd >= 0 && line_reader_next(&reader, &line, &len) > 0) {
		for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
			if (strncmp(line, sets[i].prefix, strlen(sets[i].prefix)) != 0)
				continue;
			*sets[i].set = parse_set(line + strlen(sets[i].prefix));
			found++;
		}
	}
	program->signals_known = found == sizeof sets / sizeof *sets;
}

int process_status_read(pid_t pid, struct program *ret_program)
{
	fd_cleanup int dir = open_process(pid);

	memset(ret_program, 0, sizeof *ret_program);
	if (dir < 0)
		return dir;
	read_name(dir, ret_program);
	read_file_name(dir, ret_program);
	ret_program->words_len =
		read_file(dir, "cmdline", ret_program->words, sizeof ret_program->words);
	ret_program->is_go = is_go(dir, ret_program);
	read_signals(dir, ret_program);
	ret_program->waits_for_signals = sleeps_in_sigwait(dir);
	return 0;
}

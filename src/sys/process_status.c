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

/* Of the owner "Go": cmd/link writes it, and strip(1) leaves it. */
#define NOTE_GO_BUILD_ID 4

#define FIRST_PAGE_BYTES 4096 /* what exec has read of each file */

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

/* Whether the notes of a segment have Go's. They stand one behind the other, each with its name and its description
 * padded (gABI, "Note Section"). */
static bool has_go_note(const char *notes, size_t len, size_t alignment)
{
	static const char owner[] = "Go\0"; /* four bytes with its NULs */
	ElfW(Nhdr) note;

	while (len >= sizeof note) {
		size_t name_at = sizeof note, next;

		memcpy(&note, notes, sizeof note);
		if (note.n_type == NOTE_GO_BUILD_ID && note.n_namesz == sizeof owner &&
			len - name_at >= sizeof owner &&
			memcmp(notes + name_at, owner, sizeof owner) == 0)
			return true;
		if (note.n_namesz > len || note.n_descsz > len)
			return false;
		next = name_at + (note.n_namesz + alignment - 1) / alignment * alignment;
		next += (note.n_descsz + alignment - 1) / alignment * alignment;
		if (next > len)
			return false;
		notes += next;
		len -= next;
	}
	return false;
}

/* Linkers put the notes into the first page, and nothing else is read: the rest of the file may never have been read,
 * and where it lies on a network, lastcall would wait for it in the midst of a stop. */
int process_status_file_is_go(int fd)
{
	char page[FIRST_PAGE_BYTES];
	ssize_t got = pread(fd, page, sizeof page, 0);
	size_t len = got > 0 ? (size_t)got : 0;
	ElfW(Ehdr) header;
	ElfW(Phdr) segment;

	if (len < sizeof header)
		return -EBADMSG;
	memcpy(&header, page, sizeof header);
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_phentsize != sizeof segment ||
		header.e_phoff > len)
		return 0;
	for (size_t i = 0; i < header.e_phnum; i++) {
		size_t at = header.e_phoff + i * sizeof segment;

		if (at + sizeof segment > len)
			break;
		memcpy(&segment, page + at, sizeof segment);
		if (segment.p_type == PT_NOTE && segment.p_offset < len &&
			has_go_note(page + segment.p_offset,
				segment.p_filesz < len - segment.p_offset ? segment.p_filesz
									  : len - segment.p_offset,
				segment.p_align == 8 ? 8 : 4))
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
	return fd >= 0 && process_status_file_is_go(fd) == 1;
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

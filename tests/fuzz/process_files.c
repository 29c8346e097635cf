/* SPDX-License-Identifier: MIT */
/* What /proc says of a process: the input is its stat, its status and its comm, and a program whose notes are read.
 * An application chooses its name, and its file is any file. */
#include "core/text/number.h"
#include "sys/process_stat.h"
#include "sys/process_status.h"

#include "require.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PID 7

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/fuzz_process_files.XXXXXX";
static const char *const names[] = {"stat", "status", "comm"};
static int proc = -1, file = -1;

static void remove_folder(void)
{
	char path[32];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		(void)snprintf(path, sizeof path, "7/%s", names[i]);
		(void)unlinkat(proc, path, 0);
	}
	(void)unlinkat(proc, "7", AT_REMOVEDIR);
	(void)rmdir(folder);
}

/* A folder like /proc, with one process. Its files are links to one that is in memory. */
static void make_folder(void)
{
	char target[32], path[32];

	file = memfd_create("fuzz", MFD_CLOEXEC);
	require(file >= 0 && mkdtemp(folder) != NULL);
	proc = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	require(proc >= 0 && mkdirat(proc, "7", 0700) == 0 && atexit(remove_folder) == 0);
	(void)snprintf(target, sizeof target, "/proc/self/fd/%d", file);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		(void)snprintf(path, sizeof path, "7/%s", names[i]);
		require(symlinkat(target, proc, path) == 0);
	}
}

static void write_file(int fd, const uint8_t *data, size_t size)
{
	require(ftruncate(fd, 0) == 0);
	require(pwrite(fd, data, size, 0) == (ssize_t)size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct process_stat process;
	char name[PROCESS_STAT_NAME_BYTES];
	int r;

	if (file < 0)
		make_folder();
	write_file(file, data, size);
	r = process_stat_read(proc, PID, &process);
	require(r == 0 || r == -EBADMSG);
	require(r < 0 || (process.pid == PID && !(process.zombie && process.leader_ended)));
	require(process_stat_user(proc, PID) >= -NUMBER_FAR);
	if (process_stat_name(proc, PID, name) == 0)
		require(memchr(name, '\0', sizeof name) != NULL);
	r = process_status_file_is_go(file);
	require(r == 0 || r == 1 || r == -EBADMSG);
	return 0;
}

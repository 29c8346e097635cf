/* SPDX-License-Identifier: MIT */
/* strerror(3) for the errors that the kernel has for us, in the words of glibc, so that a message is the
 * same whichever C library is used. musl has words of its own, and for every error that there is. */
#include "core/text.h"

#include <errno.h>
#include <string.h>

static const unsigned char numbers[] = {
	EPERM,
	ENOENT,
	ESRCH,
	EINTR,
	EIO,
	ENXIO,
	E2BIG,
	ENOEXEC,
	EBADF,
	EAGAIN,
	ENOMEM,
	EACCES,
	EBUSY,
	ENODEV,
	ENOTDIR,
	EISDIR,
	EINVAL,
	ENFILE,
	EMFILE,
	ENOTTY,
	ETXTBSY,
	EFBIG,
	ENOSPC,
	EROFS,
	EPIPE,
	ENAMETOOLONG,
	ENOSYS,
	ELOOP,
	EMSGSIZE,
	EPROTONOSUPPORT,
	EOPNOTSUPP,
	EAFNOSUPPORT,
	EADDRINUSE,
	EADDRNOTAVAIL,
	ENETUNREACH,
	ECONNRESET,
	ENOBUFS,
	ETIMEDOUT,
	ECONNREFUSED,
	EHOSTUNREACH,
	ESTALE,
	EDQUOT,
};

/* In the same order, one after the other. */
static const char words[] = "Operation not permitted\0"
			    "No such file or directory\0"
			    "No such process\0"
			    "Interrupted system call\0"
			    "Input/output error\0"
			    "No such device or address\0"
			    "Argument list too long\0"
			    "Exec format error\0"
			    "Bad file descriptor\0"
			    "Resource temporarily unavailable\0"
			    "Cannot allocate memory\0"
			    "Permission denied\0"
			    "Device or resource busy\0"
			    "No such device\0"
			    "Not a directory\0"
			    "Is a directory\0"
			    "Invalid argument\0"
			    "Too many open files in system\0"
			    "Too many open files\0"
			    "Inappropriate ioctl for device\0"
			    "Text file busy\0"
			    "File too large\0"
			    "No space left on device\0"
			    "Read-only file system\0"
			    "Broken pipe\0"
			    "File name too long\0"
			    "Function not implemented\0"
			    "Too many levels of symbolic links\0"
			    "Message too long\0"
			    "Protocol not supported\0"
			    "Operation not supported\0"
			    "Address family not supported by protocol\0"
			    "Address already in use\0"
			    "Cannot assign requested address\0"
			    "Network is unreachable\0"
			    "Connection reset by peer\0"
			    "No buffer space available\0"
			    "Connection timed out\0"
			    "Connection refused\0"
			    "No route to host\0"
			    "Stale file handle\0"
			    "Disk quota exceeded\0";

char *strerror(int number)
{
	static char other[24];
	const char *at = words;
	struct text text;

	for (size_t i = 0; i < sizeof numbers; i++) {
		if (numbers[i] == number)
			return (char *)at;
		at += strlen(at) + 1;
	}
	text_init(&text, other, sizeof other);
	text_printf(&text, "Unknown error %d", number);
	return other;
}

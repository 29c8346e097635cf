/* SPDX-License-Identifier: MIT */
/* strerror(3) for the errors that the kernel has for us, in the words of glibc, so that a message is the
 * same whichever C library is used. musl has words of its own, and for every error that there is. */
#include "core/long_text.h"
#include "core/text.h"

#include <errno.h>
#include <string.h>

/* Their words are in texts/long_texts.c, in the same order. */
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
_Static_assert(sizeof numbers == TEXT_OPTIONS - TEXT_ERRORS, "an error has no words");

char *strerror(int number)
{
	static char other[24];
	struct text text;

	for (size_t i = 0; i < sizeof numbers; i++) {
		if (numbers[i] == number)
			return (char *)long_text((enum long_text)(TEXT_ERRORS + i));
	}
	text_init(&text, other, sizeof other);
	text_printf(&text, "Unknown error %d", number);
	return other;
}

/* SPDX-License-Identifier: MIT */
/* Those functions of the C library that take variable arguments, as if they took a certain number: both
 * processors pass whole numbers in the same registers either way, and what the kernel does not ask for it
 * does not read. To save these registers, so that they can be walked, would take more room than all the
 * rest. No header is included that declares them, and the file is not compiled together with others, for a
 * compiler that sees both sides need not let that pass. */
#include <sys/syscall.h>

#define AT_FDCWD (-100)

long syscall(long number, long a, long b, long c, long d, long e, long f);
int fcntl(int fd, int command, long argument);
int ioctl(int fd, int request, long argument);
int prctl(int option, long a, long b, long c, long d);
int openat(int directory_fd, const char *path, int flags, unsigned mode);
int open(const char *path, int flags, unsigned mode);

/* musl's own: sets errno. */
long __syscall_ret(unsigned long result) __attribute__((visibility("hidden")));

long syscall(long number, long a, long b, long c, long d, long e, long f)
{
#if defined(__x86_64__)
	register long in_r10 __asm__("r10") = d;
	register long in_r8 __asm__("r8") = e;
	register long in_r9 __asm__("r9") = f;

	__asm__ volatile("syscall"
			 : "+a"(number)
			 : "D"(a), "S"(b), "d"(c), "r"(in_r10), "r"(in_r8), "r"(in_r9)
			 : "rcx", "r11", "memory");
	return __syscall_ret((unsigned long)number);
#elif defined(__aarch64__)
	register long in_x8 __asm__("x8") = number;
	register long in_x0 __asm__("x0") = a;
	register long in_x1 __asm__("x1") = b;
	register long in_x2 __asm__("x2") = c;
	register long in_x3 __asm__("x3") = d;
	register long in_x4 __asm__("x4") = e;
	register long in_x5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
			 : "+r"(in_x0)
			 : "r"(in_x8), "r"(in_x1), "r"(in_x2), "r"(in_x3), "r"(in_x4), "r"(in_x5)
			 : "memory");
	return __syscall_ret((unsigned long)in_x0);
#endif
}

int fcntl(int fd, int command, long argument)
{
	return (int)syscall(SYS_fcntl, fd, command, argument, 0, 0, 0);
}

int ioctl(int fd, int request, long argument)
{
	return (int)syscall(SYS_ioctl, fd, request, argument, 0, 0, 0);
}

int prctl(int option, long a, long b, long c, long d)
{
	return (int)syscall(SYS_prctl, option, a, b, c, d, 0);
}

int openat(int directory_fd, const char *path, int flags, unsigned mode)
{
	return (int)syscall(SYS_openat, directory_fd, (long)path, flags, mode, 0, 0);
}

int open(const char *path, int flags, unsigned mode)
{
	return openat(AT_FDCWD, path, flags, mode);
}

/* SPDX-License-Identifier: MIT */
/* Takes a system call away from this process for good, by a seccomp filter: how a sandbox, an older
 * kernel or gVisor looks to a program. The architecture is not looked at, for tests make native
 * calls only. */
#pragma once

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>

static inline bool deny_install(struct sock_filter *program, size_t len)
{
	struct sock_fprog filter = {(unsigned short)len, program};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/* The call fails with this errno. */
static inline bool deny_syscall(long number, uint16_t error)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return deny_install(program, sizeof program / sizeof program[0]);
}

/* The same when its first argument, an int, has this value: socket(AF_NETLINK, ...). */
static inline bool deny_syscall_with(long number, uint32_t first_argument, uint16_t error)
{
	size_t low_half = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : sizeof(uint32_t);
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			(uint32_t)(offsetof(struct seccomp_data, args) + low_half)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, first_argument, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	return deny_install(program, sizeof program / sizeof program[0]);
}

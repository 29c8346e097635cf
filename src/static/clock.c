/* SPDX-License-Identifier: MIT */
/* clock_gettime(2) by the vDSO, the kernel's own code in our memory, as musl does it, which looks at hashes and
 * versions to find it: here one name is looked for, for it has one version only. */
#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NAME "__vdso_clock_gettime"
#else
#define NAME "__kernel_clock_gettime"
#endif

typedef int clock_fn(clockid_t clock, struct timespec *ret_time);

/* The symbols end where their names begin: that is how linkers lay them out, and newer kernels have no DT_HASH
 * that would say how many there are. Where that is not so none is found. */
static clock_fn *find_in_dynamic(const char *base, const Elf64_Dyn *dynamic)
{
	const Elf64_Sym *symbol = NULL;
	const char *names = NULL;

	for (; dynamic->d_tag != DT_NULL; dynamic++) {
		if (dynamic->d_tag == DT_SYMTAB)
			symbol = (const void *)(base + dynamic->d_un.d_ptr);
		else if (dynamic->d_tag == DT_STRTAB)
			names = base + dynamic->d_un.d_ptr;
	}
	for (; symbol != NULL && (const char *)symbol < names; symbol++) {
		if (strcmp(names + symbol->st_name, NAME) == 0)
			return (clock_fn *)(uintptr_t)(base + symbol->st_value);
	}
	return NULL;
}

/* The vDSO is linked to be loaded at 0: its addresses are offsets. */
static clock_fn *find(void)
{
	const char *base = (const char *)getauxval(AT_SYSINFO_EHDR);
	const Elf64_Ehdr *file = (const void *)base;
	const Elf64_Phdr *segment;

	if (base == NULL)
		return NULL;
	segment = (const void *)(base + file->e_phoff);
	for (int i = 0; i < file->e_phnum; i++) {
		if (segment[i].p_type == PT_DYNAMIC)
			return find_in_dynamic(base, (const void *)(base + segment[i].p_offset));
	}
	return NULL;
}

int clock_gettime(clockid_t clock, struct timespec *ret_time)
{
	static clock_fn *of_vdso;
	static bool looked;

	if (!looked) {
		of_vdso = find();
		looked = true;
	}
	if (of_vdso != NULL && of_vdso(clock, ret_time) == 0)
		return 0;
	return (int)syscall(
		SYS_clock_gettime, clock, ret_time); /* for what the vDSO does not know, too */
}

/* SPDX-License-Identifier: MIT */
/* What the static program does before its C library starts, and main. The addresses in its tables are
 * relocated here: in their short form (DT_RELR) they take a few bytes, where the usual one takes 24
 * for each pointer, but musl's own start knows it since 1.2.4 only. Nor does that start make the tables
 * read-only when they are done (PT_GNU_RELRO), as a dynamic loader does. */
#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#ifndef DT_RELR
#define DT_RELRSZ 35
#define DT_RELR 36
#endif

/* The linker's own symbol: the program's first byte in memory. */
extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

/* Entered with the stack that the kernel made, which is left as it is for musl's _start. */
#if defined(__x86_64__)
__asm__(".text\n"
	".global static_start\n"
	"static_start:\n"
	"	lea __ehdr_start(%rip), %rdi\n"
	".hidden _DYNAMIC\n"
	"	lea _DYNAMIC(%rip), %rsi\n"
	"	call static_relocate\n"
	"	jmp _start\n");
#elif defined(__aarch64__)
__asm__(".text\n"
	".global static_start\n"
	"static_start:\n"
	"	adrp x0, __ehdr_start\n"
	"	add x0, x0, #:lo12:__ehdr_start\n"
	".hidden _DYNAMIC\n"
	"	adrp x1, _DYNAMIC\n"
	"	add x1, x1, #:lo12:_DYNAMIC\n"
	"	bl static_relocate\n"
	"	b _start\n");
#else
#error "src/static/start.c knows x86_64 and aarch64"
#endif

void static_relocate(char *base, const Elf64_Dyn *dynamic);

/* Each entry of the table is the place of an address, or, with its lowest bit set, says which of the
 * 63 words after the last place are addresses, too. Nothing may be called here, and the stack
 * protector is not set up yet. */
__attribute__((used, no_stack_protector)) void static_relocate(char *base, const Elf64_Dyn *dynamic)
{
	const uint64_t *entry = NULL, *end;
	uint64_t *place = NULL;
	size_t size = 0;

	for (; dynamic->d_tag != DT_NULL; dynamic++) {
		if (dynamic->d_tag == DT_RELR)
			entry = (const void *)(base + dynamic->d_un.d_ptr);
		else if (dynamic->d_tag == DT_RELRSZ)
			size = dynamic->d_un.d_val;
	}
	for (end = entry + size / sizeof *entry; entry < end; entry++) {
		if ((*entry & 1) == 0) {
			place = (void *)(base + *entry);
			*place++ += (uintptr_t)base;
			continue;
		}
		for (size_t i = 0; i < 63; i++) {
			if ((*entry >> (i + 1) & 1) != 0)
				place[i] += (uintptr_t)base;
		}
		place += 63;
	}
}

/* What a dynamic loader does after it; a failure leaves the tables writable, and no more. */
__attribute__((constructor)) static void protect_relocated(void)
{
	char *base = (char *)(uintptr_t)&__ehdr_start;
	const Elf64_Phdr *header = (const void *)(base + __ehdr_start.e_phoff);
	const uintptr_t whole_pages = -(uintptr_t)getauxval(AT_PAGESZ);

	for (int i = 0; i < __ehdr_start.e_phnum; i++) {
		uintptr_t begin = header[i].p_vaddr & whole_pages;
		uintptr_t end = (header[i].p_vaddr + header[i].p_memsz) & whole_pages;

		if (header[i].p_type == PT_GNU_RELRO)
			(void)mprotect(base + begin, end - begin, PROT_READ);
	}
}

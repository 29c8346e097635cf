# SPDX-License-Identifier: MIT
# Toolchain of the static presets: clang and lld link a static-pie with musl, for this machine's
# processor or for the one that LASTCALL_STATIC_PROCESSOR names. clang, because one compiler serves
# both; lld, because it links for both, and folds identical functions.
include(${CMAKE_CURRENT_LIST_DIR}/LastcallFetch.cmake)
cmake_host_system_information(RESULT host QUERY OS_PLATFORM)
set(LASTCALL_STATIC_PROCESSOR ${host} CACHE STRING "x86_64 or aarch64")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES LASTCALL_STATIC_PROCESSOR)

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${LASTCALL_STATIC_PROCESSOR})
set(CMAKE_C_COMPILER clang)
set(CMAKE_AR llvm-ar)
set(CMAKE_RANLIB llvm-ranlib)
set(CMAKE_STRIP llvm-strip)
set(CMAKE_C_COMPILER_TARGET ${LASTCALL_STATIC_PROCESSOR}-linux-musl)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY) # nothing is linked to try the compiler

# musl itself, of this machine's package or of the other processor's, unpacked.
get_filename_component(fetched ${CMAKE_CURRENT_LIST_DIR}/../build/fetched ABSOLUTE)
set(triplet ${LASTCALL_STATIC_PROCESSOR}-linux-musl)
if(LASTCALL_STATIC_PROCESSOR STREQUAL host)
	set(musl /usr)
	set(asm /usr/include/${host}-linux-gnu/asm)
else()
	lastcall_fetch(musl-arm64 ${fetched})
	set(musl ${fetched}/musl-arm64/usr)
	set(asm /usr/${LASTCALL_STATIC_PROCESSOR}-linux-gnu/include/asm)
endif()
if(NOT EXISTS ${musl}/lib/${triplet}/libc.a OR NOT EXISTS ${asm})
	message(FATAL_ERROR "musl or the kernel's headers for ${triplet} are not here: run cmake/packages static")
endif()

set(LASTCALL_MUSL_LIBRARY ${musl}/lib/${triplet}/libc.a)
set(LASTCALL_MUSL_COPYRIGHT ${musl}/share/doc/musl-dev/copyright) # to be packaged with it

# The kernel's headers, and nothing else of what the machine's own C library has below /usr/include.
set(kernel ${fetched}/kernel-headers-${LASTCALL_STATIC_PROCESSOR})
file(MAKE_DIRECTORY ${kernel})
file(CREATE_LINK /usr/include/linux ${kernel}/linux SYMBOLIC)
file(CREATE_LINK /usr/include/asm-generic ${kernel}/asm-generic SYMBOLIC)
file(CREATE_LINK ${asm} ${kernel}/asm SYMBOLIC)

set(CMAKE_C_FLAGS_INIT "-nostdinc -isystem ${musl}/include/${triplet} -idirafter ${kernel} -Wno-unused-command-line-argument")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-fuse-ld=lld -nostdlib")
set(lib ${musl}/lib/${triplet})
set(CMAKE_C_STANDARD_LIBRARIES "${lib}/rcrt1.o ${lib}/crti.o ${lib}/libc.a ${lib}/crtn.o")

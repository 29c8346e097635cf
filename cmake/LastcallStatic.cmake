# The static program: libev within it, and how it is linked.
include(LastcallFetch)

# lastcall_embed_libev(directory): Libev::ev from libev's source. The definitions are those that
# change ev.h; src/static/libev.c has the others. A directory called libev that is not there is fetched.
function(lastcall_embed_libev directory)
	if(NOT EXISTS ${directory}/ev.c)
		get_filename_component(parent ${directory} DIRECTORY)
		get_filename_component(name ${directory} NAME)
		lastcall_fetch(${name} ${parent})
	endif()
	add_library(libev_embedded STATIC ${PROJECT_SOURCE_DIR}/src/static/libev.c)
	lastcall_target(libev_embedded)
	target_compile_options(libev_embedded PRIVATE -w) # the warnings of another project
	target_include_directories(libev_embedded SYSTEM PUBLIC ${directory})
	target_compile_definitions(libev_embedded PUBLIC EV_STANDALONE=1
		EV_FEATURES=0 # of watchers and backends only what we use, and no speed for its own sake
		EV_MULTIPLICITY=1 EV_MINPRI=0 EV_MAXPRI=1)
	add_library(Libev::ev ALIAS libev_embedded)
endfunction()

# lastcall_link_static(target): a static-pie. lld folds identical functions and drops what nothing calls.
function(lastcall_link_static target)
	target_link_options(${target} PRIVATE -Oz -static-pie -Wl,--build-id=none,-z,noseparate-code)
	if(CMAKE_EXE_LINKER_FLAGS MATCHES "lld")
		# Functions are inlined for speed even where they ask for the smallest size: 2.5 kB.
		target_link_options(${target} PRIVATE
			-Wl,--icf=all,-O2,--hash-style=sysv LINKER:-mllvm,-inline-threshold=-50)
		# The shipped program has no symbols; lastcall.symbols is the same program with them.
		add_custom_command(TARGET ${target} POST_BUILD VERBATIM
			COMMAND ${CMAKE_COMMAND} -E copy $<TARGET_FILE:${target}>
				${PROJECT_BINARY_DIR}/${target}.symbols
			COMMAND ${CMAKE_STRIP} --strip-all $<TARGET_FILE:${target}>
			BYPRODUCTS ${PROJECT_BINARY_DIR}/${target}.symbols)
	endif()
endfunction()

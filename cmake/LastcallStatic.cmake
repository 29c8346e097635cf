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

# lastcall_link_static(target): a static-pie. Where lld links it the addresses in its tables take little
# room, and src/static/start.c relocates them.
function(lastcall_link_static target)
	target_link_options(${target} PRIVATE -Oz -static-pie -Wl,--build-id=none,-z,noseparate-code)
	if(CMAKE_EXE_LINKER_FLAGS MATCHES "lld")
		target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src/static/start.c
			${PROJECT_SOURCE_DIR}/src/static/clock.c
			${PROJECT_SOURCE_DIR}/src/static/memory.c
			${PROJECT_SOURCE_DIR}/src/static/strerror.c
			${PROJECT_SOURCE_DIR}/src/static/string.c
			${PROJECT_SOURCE_DIR}/src/static/system_calls.c
			${PROJECT_SOURCE_DIR}/src/static/variadic.c)
		# The compiler may call these functions wherever it likes, and shall see none of them in the others.
		set_source_files_properties(${PROJECT_SOURCE_DIR}/src/static/string.c
			TARGET_DIRECTORY ${target} PROPERTIES COMPILE_OPTIONS "-fno-lto;-fno-builtin")
		set_source_files_properties(${PROJECT_SOURCE_DIR}/src/static/variadic.c
			TARGET_DIRECTORY ${target} PROPERTIES COMPILE_OPTIONS "-fno-lto;-fno-stack-protector")
		target_link_options(${target} PRIVATE
			-Wl,--icf=all,-O2,--hash-style=sysv,--pack-dyn-relocs=relr,--entry=static_start)
		# What is done for speed even where a function asks for the smallest size: 4 kB in all.
		foreach(option -inline-threshold=-50 -min-jump-table-entries=1000 -disable-block-placement
				-disable-machine-licm -disable-machine-cse -disable-machine-sink
				-tail-merge-size=1)
			target_link_options(${target} PRIVATE LINKER:-mllvm,${option})
		endforeach()
		# What has one caller is made part of it, which saves the call. On x86-64 these are larger there,
		# for an address far from the start of its structure or frame takes three bytes more: 0.6 kB.
		if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
			foreach(function connection_judge_again census_ended census_pass_end
					report_write_summary stop_plan_init http_request_parse
					supervisor_new app_kill_all detector_open)
				target_link_options(${target} PRIVATE
					LINKER:-mllvm,-force-attribute=${function}:noinline)
			endforeach()
		endif()
		# What is built is what is shipped: without symbols, and without the table of sections that only
		# linkers and debuggers read. lastcall.symbols is the same program with both.
		add_custom_command(TARGET ${target} POST_BUILD VERBATIM
			COMMAND ${CMAKE_COMMAND} -E copy $<TARGET_FILE:${target}>
				${PROJECT_BINARY_DIR}/${target}.symbols
			COMMAND ${CMAKE_STRIP} --strip-sections $<TARGET_FILE:${target}>
			BYPRODUCTS ${PROJECT_BINARY_DIR}/${target}.symbols)
	endif()
endfunction()

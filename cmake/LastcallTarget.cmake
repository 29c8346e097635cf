# What every target of ours is built with. Set on targets, never globally, so that the project
# can be built inside another one.
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

function(lastcall_target target)
	set_target_properties(${target} PROPERTIES
		C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF
		POSITION_INDEPENDENT_CODE ON)
	target_compile_definitions(${target} PRIVATE _GNU_SOURCE)
	target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src)
	target_compile_options(${target} PRIVATE
		-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes
		-Wmissing-prototypes -Wvla -Wformat=2 -Wswitch-enum -Wundef -Wwrite-strings
		-Wnull-dereference -fno-strict-aliasing
		-fstack-protector-strong)
	if(LASTCALL_WERROR)
		target_compile_options(${target} PRIVATE -Werror)
	endif()
	# FORTIFY needs an optimised build; some distributions predefine another level.
	target_compile_options(${target} PRIVATE
		"$<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>")
	target_link_options(${target} PRIVATE -Wl,-z,relro,-z,now)
	# What is shipped has no code that is never called, and no tables to unwind a stack with.
	target_compile_options(${target} PRIVATE "$<$<CONFIG:MinSizeRel>:-ffunction-sections;\
-fdata-sections;-fno-asynchronous-unwind-tables;-fno-unwind-tables>")
	target_link_options(${target} PRIVATE "$<$<CONFIG:MinSizeRel>:-Wl,--gc-sections>")
	if(LASTCALL_STATIC)
		target_compile_options(${target} PRIVATE -Oz -fvisibility=hidden
			$<$<C_COMPILER_ID:Clang>:-flto>)
	endif()
	if(LASTCALL_SANITIZE)
		string(REPLACE ";" "," sanitizers "${LASTCALL_SANITIZE}")
		target_compile_options(${target} PRIVATE -fsanitize=${sanitizers}
			-fno-sanitize-recover=all -fno-omit-frame-pointer)
		target_link_options(${target} PUBLIC -fsanitize=${sanitizers})
	endif()
endfunction()

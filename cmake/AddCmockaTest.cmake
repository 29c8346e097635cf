# add_cmocka_test(ring.topic SOURCES file... [LIBRARIES target...] [DEFINITIONS def...])
# One program a topic. The ring is the ctest label; exit status 77 means skipped.
find_package(cmocka REQUIRED)
if(NOT TARGET cmocka::cmocka) # 1.1.5 only sets variables
	add_library(cmocka::cmocka INTERFACE IMPORTED)
	set_target_properties(cmocka::cmocka PROPERTIES
		INTERFACE_INCLUDE_DIRECTORIES "${CMOCKA_INCLUDE_DIR}"
		INTERFACE_LINK_LIBRARIES "${CMOCKA_LIBRARIES}")
endif()
if(cmocka_VERSION VERSION_LESS 2) # 2.0 deprecates the old name
	set_property(TARGET cmocka::cmocka APPEND PROPERTY
		INTERFACE_COMPILE_DEFINITIONS assert_int_in_range=assert_in_range)
endif()

function(add_cmocka_test name)
	cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;LIBRARIES;DEFINITIONS")
	string(REGEX REPLACE "\\..*" "" ring ${name})
	string(REPLACE "." "_" target test_${name})
	add_executable(${target} ${arg_SOURCES})
	lastcall_target(${target})
	set_target_properties(${target} PROPERTIES
		RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
	target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
	target_compile_definitions(${target} PRIVATE ${arg_DEFINITIONS})
	target_link_libraries(${target} PRIVATE ${arg_LIBRARIES} cmocka::cmocka)
	add_test(NAME ${name} COMMAND ${target})
	if(NOT arg_TIMEOUT)
		set(arg_TIMEOUT 60)
	endif()
	set_tests_properties(${name} PROPERTIES LABELS ${ring} TIMEOUT ${arg_TIMEOUT}
		SKIP_RETURN_CODE 77)
endfunction()

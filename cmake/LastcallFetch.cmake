# lastcall_fetch(what directory): cmake/fetch, with its last word as the error.
function(lastcall_fetch what directory)
	execute_process(COMMAND ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/fetch ${what} ${directory}
		RESULT_VARIABLE status ERROR_VARIABLE said ERROR_STRIP_TRAILING_WHITESPACE)
	if(NOT status EQUAL 0)
		string(REGEX REPLACE ".*\n" "" said "${said}")
		message(FATAL_ERROR "${said}")
	endif()
endfunction()

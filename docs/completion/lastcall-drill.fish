# SPDX-License-Identifier: MIT
# Completion of lastcall-drill's command line for fish. The options are asked of the program itself
# (lastcall-drill --help), so that they are those of the version that is installed.

function __lastcall_drill_values --argument-names option
	switch $option
		case as
			string split ' ' 'child pid1'
		case body
			string split ' ' 'any same numbered'
		case engine
			string split ' ' 'docker podman'
		case fail-on
			string split ' ' 'none in_flight_cut>0 refused>0 truncated>0'
		case method
			string split ' ' 'GET HEAD POST PUT PATCH DELETE OPTIONS'
		case profile
			string split ' ' 'ecs kubernetes docker'
		case retry-safe
			string split ' ' 'refused goaway reset_connect reset_before_response eof_before_response http_503_draining'
		case stop-signal
			string split ' ' 'TERM INT QUIT HUP USR1 USR2 WINCH'
	end
end

function __lastcall_drill_is_subcommand
	set --local given (commandline --tokenize --cut-at-cursor --current-process)[2]
	contains -- "$given" compare report
end

# The command has not begun.
function __lastcall_drill_has_options
	not __lastcall_drill_is_subcommand
	and not contains -- -- (commandline --tokenize --cut-at-cursor --current-process)
end

# The word that is typed: an option, or the value of one.
function __lastcall_drill_words
	set --local word (commandline --current-token)
	if string match --quiet --regex '^--[a-z0-9-]+=' -- $word
		set --local option (string match --regex --groups-only -- '^--([a-z0-9-]+)=' $word)
		for value in (__lastcall_drill_values $option)
			echo "--$option=$value"
		end
	else if string match --quiet -- '-*' $word
		lastcall-drill --help 2>/dev/null |
			string match --regex --groups-only '^ {2}(?:-[A-Za-z], | {4})(--[a-z0-9-]+=?)'
	end
end

complete --command lastcall-drill --condition __fish_use_subcommand --arguments 'compare report http:// https://'
complete --command lastcall-drill --condition __lastcall_drill_is_subcommand --long-option json
complete --command lastcall-drill --condition __lastcall_drill_is_subcommand --long-option help
complete --command lastcall-drill --condition __lastcall_drill_has_options --arguments '(__lastcall_drill_words)'

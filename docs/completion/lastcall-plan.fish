# SPDX-License-Identifier: MIT
# Completion of lastcall-plan's command line for fish. Commands and options are asked of the program itself
# (lastcall-plan --help, lastcall-plan COMMAND --help), so that they are those of the version that is installed.

function __lastcall_plan_commands
	lastcall-plan --help 2>/dev/null | string match --regex --groups-only '^  ([a-z]+) +(.*)' | paste - -
end

function __lastcall_plan_values --argument-names command option
	switch $option
		case platform
			test $command = init; and string split ' ' 'ecs kubernetes compose swarm nomad'; or string split ' ' 'ecs kubernetes swarm'
		case strategy
			string split ' ' 'rolling blue-green linear canary express'
		case breaker-type
			string split ' ' 'bounded-percent unbounded-percent count'
		case kind
			string split ' ' 'deployment recreate stateful-set daemon-set job'
		case format
			string split ' ' 'text json sarif github'
		case fail-on
			string split ' ' 'error warning'
		case pod-management
			string split ' ' 'ordered-ready parallel'
		case pod-replacement
			string split ' ' 'terminating-or-failed failed'
		case '*' # a choice stands in --help: --order=stop-first|start-first
			lastcall-plan $command --help 2>/dev/null |
				string match --regex --groups-only -- "^ {2}(?:-[A-Za-z], | {4})--$option=([a-z-]+(?:\|[a-z-]+)+)" | string split '|'
	end
end

# The word that is typed: an option, or the value of one.
function __lastcall_plan_words
	set --local command (commandline --tokenize --cut-at-cursor --current-process)[2]
	set --local word (commandline --current-token)
	if string match --quiet --regex '^--[a-z-]+=' -- $word
		set --local option (string match --regex --groups-only -- '^--([a-z-]+)=' $word)
		for value in (__lastcall_plan_values $command $option)
			echo "--$option=$value"
		end
	else if string match --quiet -- '-*' $word
		lastcall-plan $command --help 2>/dev/null |
			string match --regex --groups-only '^ {2}(?:-[A-Za-z], | {4})(--[a-z-]+=?)'
	else if test $command = explain
		lastcall-plan explain --list 2>/dev/null | string match --regex --groups-only '^(LC[0-9]+)'
	end
end

complete --command lastcall-plan --condition __fish_use_subcommand --no-files --arguments '(__lastcall_plan_commands)'
complete --command lastcall-plan --condition __fish_use_subcommand --no-files --long-option help
complete --command lastcall-plan --condition __fish_use_subcommand --no-files --long-option version
complete --command lastcall-plan --condition 'not __fish_use_subcommand' --arguments '(__lastcall_plan_words)'

# CPack runs this between the installation and the .deb. Debian's zsh looks for the completion of packages in
# vendor-completions; every other zsh, and a user's own below /usr/local, in site-functions.
if(NOT CPACK_GENERATOR STREQUAL "DEB")
	return()
endif()
set(root ${CPACK_TEMPORARY_DIRECTORY}) # with a folder for each component, if there are several
file(GLOB folders ${root}/usr/share/zsh/site-functions ${root}/*/usr/share/zsh/site-functions)
foreach(folder ${folders})
	file(RENAME ${folder} ${folder}/../vendor-completions)
endforeach()

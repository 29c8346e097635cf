# What is installed beside the programs, and the packages: `cpack --preset static` leaves a .deb and a
# .tar.gz, each with its SHA-256, in the build's folder packages/.

# The page of another program, as lastcall-drill, is installed where that program is built.
install(FILES docs/lastcall.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
if(LASTCALL_DRILL AND EXISTS ${PROJECT_SOURCE_DIR}/docs/lastcall-drill.1)
	install(FILES docs/lastcall-drill.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endif()
install(FILES docs/completion/lastcall
	DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES docs/completion/_lastcall DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)

# Under the name that Debian gives it. What is linked in asks to be named, too.
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(FILES CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(LASTCALL_LIBEV_SOURCE)
	install(FILES ${LASTCALL_LIBEV_SOURCE}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR}
		RENAME copyright.libev)
endif()
if(EXISTS "${LASTCALL_MUSL_COPYRIGHT}")
	install(FILES ${LASTCALL_MUSL_COPYRIGHT} DESTINATION ${CMAKE_INSTALL_DOCDIR}
		RENAME copyright.musl)
endif()

set(architecture_x86_64 amd64)
set(architecture_aarch64 arm64)
set(architecture ${architecture_${CMAKE_SYSTEM_PROCESSOR}})

set(CPACK_GENERATOR TGZ DEB)
set(CPACK_PACKAGE_CHECKSUM SHA256)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PACKAGE_VENDOR "The lastcall authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_CONTACT "The lastcall authors")
set(CPACK_PACKAGE_FILE_NAME ${PROJECT_NAME}-${PROJECT_VERSION}-linux-${architecture})
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE ${architecture})
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"lastcall is the first process of a container: when the container is stopped, it
lets the requests that are being served finish, then stops the application, and
is gone before it would be killed. It reaps orphans, forwards signals, answers
health checks, and reports what became of the requests.")
if(NOT LASTCALL_STATIC)
	set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
endif()
include(CPack)

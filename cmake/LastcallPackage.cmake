# What is installed beside the programs, and the packages: `cpack --preset static` leaves a .deb and a
# .tar.gz, each with its SHA-256, in the build's folder packages/. Where lastcall-drill or lastcall-plan
# is built, these are packages of their own, lastcall-tools: servers need neither them nor their libraries.

# Man page and completion of a program, as far as docs/ has them.
function(install_pages program component)
	set(completion docs/completion/${program})
	install(FILES docs/${program}.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT ${component})
	if(EXISTS ${PROJECT_SOURCE_DIR}/${completion})
		install(FILES ${completion} COMPONENT ${component}
			DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
		install(FILES docs/completion/_${program} COMPONENT ${component}
			DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
	endif()
	if(EXISTS ${PROJECT_SOURCE_DIR}/${completion}.fish)
		install(FILES ${completion}.fish COMPONENT ${component}
			DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
	endif()
endfunction()

# The licence under the name that Debian gives it.
function(install_licence package component)
	set(doc ${CMAKE_INSTALL_DATAROOTDIR}/doc/${package})
	install(FILES LICENSE DESTINATION ${doc} RENAME copyright COMPONENT ${component})
	install(FILES CHANGELOG.md DESTINATION ${doc} COMPONENT ${component})
endfunction()

install_pages(lastcall lastcall)
install_licence(lastcall lastcall)

# What is linked in asks to be named, too.
if(LASTCALL_LIBEV_SOURCE)
	install(FILES ${LASTCALL_LIBEV_SOURCE}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR}
		RENAME copyright.libev COMPONENT lastcall)
endif()
if(EXISTS "${LASTCALL_MUSL_COPYRIGHT}")
	install(FILES ${LASTCALL_MUSL_COPYRIGHT} DESTINATION ${CMAKE_INSTALL_DOCDIR}
		RENAME copyright.musl COMPONENT lastcall)
endif()

# What the static program is made of, for those who have to know that of an image (SPDX 2.3).
function(install_sbom)
	file(STRINGS ${LASTCALL_LIBEV_SOURCE}/ev.h lines REGEX "EV_VERSION_(MAJOR|MINOR) +[0-9]")
	string(REGEX MATCHALL "[0-9]+" numbers "${lines}")
	list(JOIN numbers "." libev_version)
	file(STRINGS ${LASTCALL_MUSL_LIBRARY} musl_version REGEX "^[0-9]+[.][0-9]+[.][0-9]+$" LIMIT_COUNT 1)
	file(SHA256 ${LASTCALL_MUSL_LIBRARY} libc_sha256)
	string(TIMESTAMP created UTC) # of SOURCE_DATE_EPOCH, where it is set
	set(architecture ${architecture_${CMAKE_SYSTEM_PROCESSOR}})
	configure_file(cmake/lastcall.spdx.json.in ${PROJECT_BINARY_DIR}/lastcall.spdx.json @ONLY)
	install(FILES ${PROJECT_BINARY_DIR}/lastcall.spdx.json DESTINATION ${CMAKE_INSTALL_DOCDIR}
		COMPONENT lastcall)
endfunction()

set(tools "")
if(LASTCALL_DRILL)
	list(APPEND tools lastcall-drill)
endif()
if(LASTCALL_PLAN)
	list(APPEND tools lastcall-plan)
endif()
foreach(tool ${tools})
	install_pages(${tool} tools)
endforeach()
if(tools)
	install_licence(lastcall-tools tools)
endif()

set(architecture_x86_64 amd64)
set(architecture_aarch64 arm64)
set(architecture ${architecture_${CMAKE_SYSTEM_PROCESSOR}})

if(LASTCALL_LIBEV_SOURCE AND LASTCALL_MUSL_LIBRARY)
	install_sbom()
endif()

set(CPACK_GENERATOR TGZ DEB)
set(CPACK_PACKAGE_CHECKSUM SHA256)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PACKAGE_VENDOR "The lastcall authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_CONTACT "The lastcall authors")
set(CPACK_PACKAGE_FILE_NAME ${PROJECT_NAME}-${PROJECT_VERSION}-linux-${architecture})
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/DebianPaths.cmake)
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
if(tools)
	set(CPACK_COMPONENTS_ALL lastcall tools)
	set(CPACK_COMPONENTS_GROUPING IGNORE)
	set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
	set(CPACK_ARCHIVE_LASTCALL_FILE_NAME ${CPACK_PACKAGE_FILE_NAME})
	set(CPACK_ARCHIVE_TOOLS_FILE_NAME
		${PROJECT_NAME}-tools-${PROJECT_VERSION}-linux-${architecture})
	set(CPACK_DEB_COMPONENT_INSTALL ON)
	set(CPACK_DEBIAN_LASTCALL_PACKAGE_NAME lastcall)
	set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME lastcall-tools)
	# A description begins with its own first line where the summary is CPack's default one.
	set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_NAME} built using CMake")
	set(CPACK_DEBIAN_LASTCALL_DESCRIPTION "${PROJECT_DESCRIPTION}\n${CPACK_DEBIAN_PACKAGE_DESCRIPTION}")
	set(CPACK_DEBIAN_TOOLS_DESCRIPTION
"plans and tests how containers are deployed and stopped
lastcall-drill stops a server under load and reports what its clients lost.
lastcall-plan calculates how long a deployment takes, and finds settings that
lose requests or time. Both run on a laptop or in CI, not in the container.")
	set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION utils)
	set(CPACK_DEBIAN_TOOLS_PACKAGE_DEPENDS "libcairo2 (>= 1.16)") # loaded at run time
endif()
include(CPack)

# Libev::ev. Upstream and Debian ship neither a pkg-config nor a CMake file, so that we look for
# the header and the library; the version is the header's own.
find_path(Libev_INCLUDE_DIR ev.h PATH_SUFFIXES libev)
if(LASTCALL_STATIC)
	find_library(Libev_LIBRARY libev.a)
else()
	find_library(Libev_LIBRARY ev)
endif()
if(Libev_INCLUDE_DIR)
	file(STRINGS ${Libev_INCLUDE_DIR}/ev.h lines REGEX "#define EV_VERSION_(MAJOR|MINOR) ")
	string(REGEX REPLACE ".*MAJOR ([0-9]+).*MINOR ([0-9]+).*" "\\1.\\2" Libev_VERSION "${lines}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Libev REQUIRED_VARS Libev_LIBRARY Libev_INCLUDE_DIR
	VERSION_VAR Libev_VERSION)
if(Libev_FOUND AND NOT TARGET Libev::ev)
	add_library(Libev::ev UNKNOWN IMPORTED)
	set_target_properties(Libev::ev PROPERTIES
		IMPORTED_LOCATION ${Libev_LIBRARY}
		INTERFACE_INCLUDE_DIRECTORIES ${Libev_INCLUDE_DIR}
		INTERFACE_LINK_LIBRARIES m)
endif()
mark_as_advanced(Libev_INCLUDE_DIR Libev_LIBRARY)

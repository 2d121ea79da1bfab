# The Debian package: `./run package` makes build/release/care_VERSION_ARCHITECTURE.deb. One package, `care`, with the
# program, the systemd unit, the documentation and example files. It creates no user, no configuration file and starts
# nothing: what a node is follows from the files that its organisation puts under /etc/care.

set(documentation_folder share/doc/care)
install(TARGETS care RUNTIME DESTINATION bin)
install(FILES packaging/care@.service DESTINATION /lib/systemd/system)
install(FILES packaging/copyright DESTINATION ${documentation_folder})
install(DIRECTORY docs/ DESTINATION ${documentation_folder} FILES_MATCHING PATTERN "*.md")
# Beside the pages that it links to.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS README.md)
file(READ README.md readme)
string(REPLACE "](docs/" "](" readme "${readme}")
file(WRITE ${PROJECT_BINARY_DIR}/packaging/README.md "${readme}")
install(FILES ${PROJECT_BINARY_DIR}/packaging/README.md DESTINATION ${documentation_folder})
install(DIRECTORY DESTINATION /etc/care)
install(FILES packaging/lintian-overrides DESTINATION share/lintian/overrides RENAME care)
# The examples are what the program writes, so they cannot be out of date.
install(CODE "
  set(examples \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${documentation_folder}/examples)
  foreach(party hospital insurer bureau)
    execute_process(COMMAND ${PROJECT_BINARY_DIR}/care init --directory \${examples} --party \${party}
                            --database postgresql --replace
                    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  endforeach()")

# Debian wants a changelog and a manual page, compressed and without a time stamp of its own.
find_program(CARE_GZIP gzip)
string(TIMESTAMP build_day "%Y-%m-%d" UTC)
if(CARE_GZIP)
  file(WRITE ${PROJECT_BINARY_DIR}/packaging/changelog
    "care (${PROJECT_VERSION}) stable; urgency=medium\n\n  * See the history of the source.\n\n"
    " -- Care for Data <care@localhost>  Thu, 01 Jan 2026 00:00:00 +0000\n")
  configure_file(packaging/care.1.in ${PROJECT_BINARY_DIR}/packaging/care.1 @ONLY)
  execute_process(COMMAND ${CARE_GZIP} -9nkf ${PROJECT_BINARY_DIR}/packaging/changelog
                                             ${PROJECT_BINARY_DIR}/packaging/care.1)
  install(FILES ${PROJECT_BINARY_DIR}/packaging/changelog.gz DESTINATION ${documentation_folder})
  install(FILES ${PROJECT_BINARY_DIR}/packaging/care.1.gz DESTINATION share/man/man1)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME care)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "SQL over the joined data of organisations that keep their rows")
# CPack indents the lines.
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Each organisation runs a node beside its own database. Analysts ask SQL over
the joined data of all. What needs the rows of two owners is computed by secure
multi-party computation between three nodes, and only aggregates over enough
persons are opened, to the one who asked.
.
This package has the program, a hardened systemd unit for nodes, documentation
and example files. Start with /usr/share/doc/care/operations.md.")
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "Care for Data <care@localhost>")
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# For the federation file's time zone; no library brings it along.
set(CPACK_DEBIAN_PACKAGE_DEPENDS tzdata)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "openssl, sqlite3")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/packaging/postinst ${PROJECT_SOURCE_DIR}/packaging/prerm
    ${PROJECT_SOURCE_DIR}/packaging/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
    WORLD_READ WORLD_EXECUTE)
include(CPack)

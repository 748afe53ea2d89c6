# CleatInstall.cmake: what `cmake --install` leaves: bin/cleat, libcleat, its headers, the CMake
# package and cleat.pc. The copy may be moved: no installed text holds its place. Tool and runtime
# are separate export sets, because a cross build takes them from two different installations.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(cleat_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/cleat")

# Part of the tool too: schemas include <cleat/schema.h>.
install(DIRECTORY "${PROJECT_SOURCE_DIR}/runtime/include/cleat"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h")

if(CLEAT_BUILD_TOOL)
  install(TARGETS cleat EXPORT cleat-tool-targets
    RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  install(EXPORT cleat-tool-targets NAMESPACE cleat:: DESTINATION "${cleat_package_dir}")
endif()

# Ready jobs that review a schema change.
install(DIRECTORY "${PROJECT_SOURCE_DIR}/share/ci" DESTINATION "${CMAKE_INSTALL_DATADIR}/cleat")

if(CLEAT_BUILD_RUNTIME)
  install(TARGETS cleat_runtime EXPORT cleat-runtime-targets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
    INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
  install(EXPORT cleat-runtime-targets NAMESPACE cleat:: DESTINATION "${cleat_package_dir}")

  # From lib/pkgconfig, or lib/<architecture>/pkgconfig, up to the prefix.
  file(RELATIVE_PATH cleat_pc_prefix "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
  string(REGEX REPLACE "/$" "" cleat_pc_prefix "${cleat_pc_prefix}")
  get_target_property(cleat_type cleat_runtime TYPE)
  set(cleat_pc_requires "Requires.private: sqlite3")
  set(cleat_pc_libs "Libs.private: -pthread")
  set(cleat_pc_pthread "")
  if(cleat_type STREQUAL "STATIC_LIBRARY")
    set(cleat_pc_requires "Requires: sqlite3")
    set(cleat_pc_pthread " -pthread")
    set(cleat_pc_libs "")
  endif()
  configure_file("${PROJECT_SOURCE_DIR}/cmake/cleat.pc.in" "${PROJECT_BINARY_DIR}/cleat.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/cleat.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endif()

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/cleat-config.cmake.in"
  "${PROJECT_BINARY_DIR}/cleat-config.cmake" INSTALL_DESTINATION "${cleat_package_dir}"
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/cleat-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/cleat-config.cmake"
  "${PROJECT_BINARY_DIR}/cleat-config-version.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/CleatGenerate.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/CleatTool.cmake"
  DESTINATION "${cleat_package_dir}")

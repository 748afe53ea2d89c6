# FindLibClang.cmake: libclang's stable C interface, versions 14 to 19.
#
# Enters:  LIBCLANG_ROOT, an LLVM prefix such as /usr/lib/llvm-16; without it the newest is taken
#          of what llvm-config names and of the places where distributions put LLVM.
# Leaves:  the target LibClang::LibClang, LibClang_FOUND, LibClang_VERSION (the major number).
# Promise: header and library come from the same prefix, so that they fit together.

set(_libclang_versions 19 18 17 16 15 14)
set(LIBCLANG_ROOT "" CACHE PATH "LLVM prefix that has include/clang-c and libclang")

function(_libclang_prefixes ret_prefixes)
  if(LIBCLANG_ROOT)
    set(${ret_prefixes} "${LIBCLANG_ROOT}" PARENT_SCOPE)
    return()
  endif()
  set(prefixes "")
  foreach(version IN LISTS _libclang_versions)
    list(APPEND prefixes
      "/usr/lib/llvm-${version}" "/usr/lib/llvm/${version}" "/usr/lib64/llvm${version}"
      "/opt/homebrew/opt/llvm@${version}" "/usr/local/opt/llvm@${version}"
      "/usr/local/llvm${version}")
  endforeach()
  find_program(LIBCLANG_CONFIG NAMES llvm-config)
  mark_as_advanced(LIBCLANG_CONFIG)
  if(LIBCLANG_CONFIG)
    execute_process(COMMAND "${LIBCLANG_CONFIG}" --prefix
      OUTPUT_VARIABLE prefix OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    list(APPEND prefixes ${prefix})
  endif()
  list(APPEND prefixes /opt/homebrew/opt/llvm /usr/local/opt/llvm /usr/local /usr)
  set(${ret_prefixes} "${prefixes}" PARENT_SCOPE)
endfunction()

function(_libclang_version include_dir ret_version)
  set(version "")
  set(file "${include_dir}/clang/Basic/Version.inc")
  if(EXISTS "${file}")
    file(STRINGS "${file}" line REGEX "define CLANG_VERSION_MAJOR ")
    string(REGEX REPLACE ".*CLANG_VERSION_MAJOR +([0-9]+).*" "\\1" version "${line}")
  endif()
  set(${ret_version} "${version}" PARENT_SCOPE)
endfunction()

# A prefix changed by the user makes what was found before worthless.
if(NOT "${LIBCLANG_ROOT}" STREQUAL "${_libclang_root_before}")
  unset(LibClang_INCLUDE_DIR CACHE)
  unset(LibClang_LIBRARY CACHE)
endif()
set(_libclang_root_before "${LIBCLANG_ROOT}" CACHE INTERNAL "")

_libclang_prefixes(_libclang_places)
foreach(_libclang_prefix IN LISTS _libclang_places)
  if(LibClang_INCLUDE_DIR AND LibClang_LIBRARY)
    break()
  endif()
  unset(LibClang_INCLUDE_DIR CACHE)
  unset(LibClang_LIBRARY CACHE)
  find_path(LibClang_INCLUDE_DIR NAMES clang-c/Index.h
    PATHS "${_libclang_prefix}/include" NO_DEFAULT_PATH)
  find_library(LibClang_LIBRARY NAMES clang libclang
    PATHS "${_libclang_prefix}/lib" "${_libclang_prefix}/lib64" NO_DEFAULT_PATH)
endforeach()
mark_as_advanced(LibClang_INCLUDE_DIR LibClang_LIBRARY)

if(LibClang_INCLUDE_DIR)
  _libclang_version("${LibClang_INCLUDE_DIR}" LibClang_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibClang
  REQUIRED_VARS LibClang_LIBRARY LibClang_INCLUDE_DIR
  VERSION_VAR LibClang_VERSION
  REASON_FAILURE_MESSAGE
    "install libclang-dev (Debian, Ubuntu) or clang-devel (Fedora), or set LIBCLANG_ROOT to an LLVM prefix, or build without the tool: CLEAT_BUILD_TOOL=OFF")

if(LibClang_FOUND AND NOT TARGET LibClang::LibClang)
  add_library(LibClang::LibClang UNKNOWN IMPORTED)
  set_target_properties(LibClang::LibClang PROPERTIES
    IMPORTED_LOCATION "${LibClang_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${LibClang_INCLUDE_DIR}")
endif()

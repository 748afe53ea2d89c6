# CleatGenerate.cmake: cleat_generate(), from module trees to a library target.
#
#   cleat_generate(NAME app ROOTS modules... [DEFAULT_DATABASE catalog] [OUT dir]
#                  [INCLUDE_DIRECTORIES dir...] [DEFINITIONS X=1...] [PREGENERATED dir])
#
# Leaves the static library NAME, whose users get the generated headers and the runtime, and the
# target NAME_generate, which only generates. Every db_models.h below a ROOT takes part; one that
# appears or goes is noticed by the next build. An edit recompiles what includes that module, an
# error in a schema fails the build and leaves the files of the last good run, and a build with
# nothing to do does not start the tool. Says so when NAME or OUT is used twice.
#
# OUT is where the files go ("<binary dir>/NAME_generated"). Given outside of the build tree, they
# can be committed; what is compiled are copies in the build tree, so that cleaning it removes no
# file of the sources. PREGENERATED builds such committed files as they are, with no tool; so does
# OUT when there is no tool.

include_guard(GLOBAL)

# The depfile of the command is read right only with these policies, whatever the caller has set.
cmake_policy(PUSH)
cmake_policy(VERSION 3.20...3.31)

# Also keeps the time of a file that has not changed: it is what the command depends on.
function(_cleat_write_file path content)
  if(EXISTS "${path}")
    file(READ "${path}" before)
    if(before STREQUAL content)
      return()
    endif()
  endif()
  file(WRITE "${path}" "${content}")
endfunction()

# The schema files below the roots, the paths of their modules, and the SQL files beside them. The
# globs are read again before every build. Directories that begin with a dot are passed over, as the
# tool does.
function(_cleat_find_modules roots ret_files ret_modules ret_beside)
  set(files "")
  set(modules "")
  set(beside "")
  foreach(root IN LISTS roots)
    if(NOT IS_DIRECTORY "${root}")
      message(FATAL_ERROR "cleat_generate: ROOTS has '${root}', which is no directory")
    endif()
    file(GLOB_RECURSE found CONFIGURE_DEPENDS LIST_DIRECTORIES false RELATIVE "${root}"
      "${root}/db_models.h")
    list(FILTER found EXCLUDE REGEX "(^|/)\\.")
    foreach(file IN LISTS found)
      get_filename_component(module "./${file}" DIRECTORY)
      string(REGEX REPLACE "^\\./" "" module "${module}")
      if(module IN_LIST modules)
        list(FIND modules "${module}" place)
        list(GET files ${place} before)
        message(FATAL_ERROR "cleat_generate: module '${module}' exists twice; its outputs take "
          "their names from its path below its root:\n  ${before}\n  ${root}/${file}")
      endif()
      list(APPEND modules "${module}")
      list(APPEND files "${root}/${file}")
    endforeach()
    file(GLOB_RECURSE found CONFIGURE_DEPENDS LIST_DIRECTORIES false
      "${root}/db_queries.sql" "${root}/db_objects.sql" "${root}/migrations/*.sql")
    list(APPEND beside ${found})
  endforeach()
  set(${ret_files} "${files}" PARENT_SCOPE)
  set(${ret_modules} "${modules}" PARENT_SCOPE)
  set(${ret_beside} "${beside}" PARENT_SCOPE)
endfunction()

function(_cleat_claim name out)
  if(TARGET ${name})
    message(FATAL_ERROR "cleat_generate: there already is a target '${name}'; "
      "NAME must be used once")
  endif()
  get_property(owner GLOBAL PROPERTY "cleat_out_${out}")
  if(owner)
    message(FATAL_ERROR "cleat_generate: '${name}' and '${owner}' have the same OUT, '${out}'")
  endif()
  set_property(GLOBAL PROPERTY "cleat_out_${out}" "${name}")
endfunction()

# The library, from files that are already in `out` or will be.
function(_cleat_add_library name out default_database sources)
  add_library(${name} STATIC ${sources})
  target_compile_features(${name} PUBLIC c_std_11)
  target_include_directories(${name} SYSTEM PUBLIC "$<BUILD_INTERFACE:${out}>")
  target_link_libraries(${name} PUBLIC cleat::runtime)
  if(default_database)
    target_compile_definitions(${name} PRIVATE "CLEAT_DEFAULT_DATABASE=\"${default_database}\"")
  endif()
endfunction()

function(_cleat_add_pregenerated name directory default_database)
  if(NOT EXISTS "${directory}/init_table.c")
    message(FATAL_ERROR "cleat_generate: '${directory}' has no init_table.c. Without the cleat "
      "tool the generated files must be there: set CLEAT_EXECUTABLE to a cleat that runs on this "
      "machine, or name their directory with PREGENERATED")
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS LIST_DIRECTORIES false "${directory}/*.cleat.c")
  _cleat_add_library(${name} "${directory}" "${default_database}"
    "${sources};${directory}/init_table.c")
  add_custom_target(${name}_generate)
endfunction()

# One command for all modules. Its only OUTPUT is a stamp, because Make touches outputs and so would
# undo that unchanged files keep their time; the files are BYPRODUCTS, because Ninja does not see
# that a file has changed which nobody declared. Schemas are in DEPENDS and what they include is in
# the depfile, because CMake before 4.0 never forgets a path of a depfile under Make. The list files
# are what makes the command run when a file goes.
function(_cleat_add_command name out committed work modules files arguments)
  set(outputs "${out}/init_table.h" "${out}/init_table.c")
  foreach(module IN LISTS modules)
    list(APPEND outputs
      "${out}/${module}/db_models.cleat.h" "${out}/${module}/db_models.cleat.c")
  endforeach()
  list(TRANSFORM outputs REPLACE "/\\./" "/")
  set(codegen "")
  if(CMAKE_VERSION VERSION_GREATER_EQUAL 3.31)
    set(codegen CODEGEN)
  endif()
  set(also "")
  if(committed)
    set(also COMMAND cleat::tool generate --name "${name}" --out "${committed}"
      --inputs "${work}/modules.txt" ${arguments})
  endif()
  add_custom_command(
    OUTPUT "${work}/stamp"
    BYPRODUCTS ${outputs}
    ${also}
    COMMAND cleat::tool generate --name "${name}" --out "${out}" --inputs "${work}/modules.txt"
      ${arguments} --depfile "${work}/depfile.d" --stamp "${work}/stamp"
    DEPENDS cleat::tool "${work}/modules.txt" "${work}/beside.txt" ${files}
    DEPFILE "${work}/depfile.d"
    COMMENT "Generating ${name} from its schemas"
    ${codegen}
    VERBATIM)
  add_custom_target(${name}_generate DEPENDS "${work}/stamp")
  list(FILTER outputs INCLUDE REGEX "\\.c$")
  set(sources "${outputs}" PARENT_SCOPE)
endfunction()

function(_cleat_absolute paths ret_paths)
  set(absolute "")
  foreach(path IN LISTS paths)
    get_filename_component(path "${path}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
    list(APPEND absolute "${path}")
  endforeach()
  set(${ret_paths} "${absolute}" PARENT_SCOPE)
endfunction()

function(cleat_generate)
  cmake_parse_arguments(PARSE_ARGV 0 A "" "NAME;DEFAULT_DATABASE;OUT;PREGENERATED"
    "ROOTS;INCLUDE_DIRECTORIES;DEFINITIONS")
  if(A_UNPARSED_ARGUMENTS OR A_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "cleat_generate: cannot understand "
      "'${A_UNPARSED_ARGUMENTS}${A_KEYWORDS_MISSING_VALUES}'")
  endif()
  if(NOT A_NAME OR NOT (A_ROOTS OR A_PREGENERATED))
    message(FATAL_ERROR "cleat_generate: NAME and ROOTS are required")
  endif()
  if(NOT A_NAME MATCHES "^[A-Za-z][A-Za-z0-9_]*$")
    message(FATAL_ERROR "cleat_generate: NAME '${A_NAME}' cannot begin the C name "
      "${A_NAME}_init_table")
  endif()
  if(NOT A_OUT)
    set(A_OUT "${CMAKE_CURRENT_BINARY_DIR}/${A_NAME}_generated")
  endif()
  _cleat_absolute("${A_OUT}" out)
  _cleat_absolute("${A_ROOTS}" roots)
  if(A_PREGENERATED)
    _cleat_absolute("${A_PREGENERATED}" out)
  endif()
  _cleat_claim("${A_NAME}" "${out}")
  if(A_PREGENERATED OR NOT TARGET cleat::tool)
    _cleat_add_pregenerated("${A_NAME}" "${out}" "${A_DEFAULT_DATABASE}")
    return()
  endif()

  set(arguments "")
  foreach(root IN LISTS roots)
    list(APPEND arguments --schemas "${root}")
  endforeach()
  if(A_DEFAULT_DATABASE)
    list(APPEND arguments --default-database "${A_DEFAULT_DATABASE}")
  endif()
  _cleat_absolute("${A_INCLUDE_DIRECTORIES}" directories)
  list(TRANSFORM directories PREPEND "-I")
  list(TRANSFORM A_DEFINITIONS PREPEND "-D")
  list(APPEND arguments ${directories} ${A_DEFINITIONS})

  set(committed "")
  cmake_path(IS_PREFIX CMAKE_BINARY_DIR "${out}" NORMALIZE is_built)
  if(NOT is_built)
    set(committed "${out}")
    set(out "${CMAKE_CURRENT_BINARY_DIR}/${A_NAME}_generated")
  endif()

  _cleat_find_modules("${roots}" files modules beside)
  set(work "${CMAKE_CURRENT_BINARY_DIR}/${A_NAME}_cleat")
  list(JOIN files "\n" lines)
  _cleat_write_file("${work}/modules.txt" "${lines}\n")
  list(JOIN beside "\n" lines)
  _cleat_write_file("${work}/beside.txt" "${lines}\n")
  _cleat_add_command("${A_NAME}" "${out}" "${committed}" "${work}" "${modules}"
    "${files};${beside}" "${arguments}")
  _cleat_add_library("${A_NAME}" "${out}" "${A_DEFAULT_DATABASE}" "${sources}")
  add_dependencies(${A_NAME} ${A_NAME}_generate)
endfunction()

cmake_policy(POP)

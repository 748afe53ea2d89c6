# CleatTool.cmake: a cleat that exists already, as the target cleat::tool. Used by the installed
# package and by builds that do not make their own tool; a cross build always is one.

include_guard(GLOBAL)

# A tool for another machine, or a damaged one, must fail here and not in the middle of a build.
function(_cleat_check_tool path)
  execute_process(COMMAND "${path}" --version
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE error)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "cleat: '${path}' does not run on this machine (${result}): "
      "${output}${error}Set CLEAT_EXECUTABLE to a cleat that does.")
  endif()
endfunction()

# Takes CLEAT_EXECUTABLE; makes no target when it is not set.
function(cleat_import_tool)
  if(NOT CLEAT_EXECUTABLE OR TARGET cleat::tool)
    return()
  endif()
  get_filename_component(path "${CLEAT_EXECUTABLE}" ABSOLUTE)
  _cleat_check_tool("${path}")
  add_executable(cleat::tool IMPORTED GLOBAL)
  set_target_properties(cleat::tool PROPERTIES IMPORTED_LOCATION "${path}")
endfunction()

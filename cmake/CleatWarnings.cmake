# CleatWarnings.cmake: the warnings of this project's own targets. Never of its users'.

option(CLEAT_WERROR "Warnings in cleat's own code are errors" OFF)

function(cleat_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow $<$<BOOL:${CLEAT_WERROR}>:-Werror>)
endfunction()

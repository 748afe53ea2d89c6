#!/usr/bin/env bash
# valgrind.sh BUILD [PATTERN]: runs the tests with the label input, or those of them that the regular
# expression PATTERN finds, under valgrind: what is read before it was written, what is read or
# written outside of its memory, what is lost. Prints a line for each, and all that valgrind said of
# those that failed; exits 1 when one did.
set -u
build=${1:?the directory of a build}
pattern=${2:-.}
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

run() {
    local log status
    log=$(mktemp)
    valgrind --quiet --leak-check=full --show-leak-kinds=definite,indirect,possible \
        --error-exitcode=9 "$@" >"$log" 2>&1
    status=$?
    if [ "$status" -eq 0 ]; then
        printf 'passed: %s\n' "${1##*/}"
    else
        printf 'failed with %d: %s\n' "$status" "${1##*/}"
        cat "$log"
    fi
    rm -f "$log"
    return "$status"
}
export -f run

commands=$(ctest --test-dir "$build" -L '^input$' -R "$pattern" -N -V | sed -n 's/.*Test command: //p')
if [ -z "$commands" ]; then
    echo "no test has the label input and is found by $pattern" >&2
    exit 1
fi
# the commands are quoted as a shell reads them
printf '%s\n' "$commands" | xargs -P "$jobs" -d '\n' -I '{}' bash -c 'run {}'

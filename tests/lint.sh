#!/usr/bin/env bash
# lint.sh BUILD: what three analysers say about runtime/ and codegen/. BUILD holds
# compile_commands.json. Prints what is found; exits 1 when there is something.
#
# What is left out, and why:
# - that a pointer may be NULL or a value not set: the analysers do not know that what is named ret_
#   is written when the status is not below 0, and see every call whose status was checked as one
#   that might have left it alone (.clang-tidy, -Wno-analyzer-null-*, -Wno-analyzer-use-of-*);
# - memory that a registry or an arena owns and frees at its end: gcc follows it to the end of the
#   function only (-Wno-analyzer-malloc-leak; the sweeps of tests/faults find what leaks);
# - a NULL that ends arguments of GLib's functions: in C it has the size of a pointer (varFuncNullUB);
# - codegen/ under gcc's analyser: it knows neither GLib's ownership nor that an arena frees all at
#   the end of the program, so what it would find there is noise; cppcheck and clang-tidy look at it;
# - single places, each with its reason beside it: NOLINT and cppcheck-suppress.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${1:-build}
found=0
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
log=$build/lint.log

say() {
    printf '==> %s\n' "$*"
}

# check NAME COMMAND...: a finding is a line with warning: or error:.
check() {
    local name=$1
    shift
    say "$name"
    "$@" >"$log" 2>&1
    sort -u "$log" | grep -E ': (warning|error|performance|portability|style):' && found=1
}

sources() {
    find runtime codegen -name '*.c' | LC_ALL=C sort
}

run_tidy() {
    sources | xargs -P "$jobs" -n 4 clang-tidy --quiet -p "$build"
}

run_analyser() {
    sources | grep '^runtime/' | xargs -P "$jobs" -n 1 sh -c '
        gcc -std=c11 -O1 -D_DEFAULT_SOURCE -Iruntime/include -Iruntime -Iruntime/execution -fanalyzer \
            -Wno-analyzer-null-dereference -Wno-analyzer-null-argument \
            -Wno-analyzer-use-of-uninitialized-value -Wno-analyzer-malloc-leak \
            -Wno-analyzer-possible-null-dereference -Wno-analyzer-possible-null-argument \
            -c "$1" -o /dev/null' sh
}

check cppcheck cppcheck --quiet --std=c11 -j "$jobs" --enable=warning,performance,portability \
    --inline-suppr --suppress=varFuncNullUB \
    --template='{file}:{line}: {severity}: {message} [{id}]' \
    -I runtime/include -I runtime -I runtime/execution -I codegen '-DG_GNUC_PRINTF(a,b)=' runtime codegen
check "gcc -fanalyzer" run_analyser
check clang-tidy run_tidy
if [ "$found" -ne 0 ]; then
    say "something was found"
    exit 1
fi
say "nothing was found"

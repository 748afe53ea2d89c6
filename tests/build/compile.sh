#!/bin/sh
# compile.sh COMPILER SOURCE_DIR: what users see compiles without a warning, with gcc or clang: each
# generated source and header, public header and schema, alone, as C11 and as C++17; all generated
# sources as one unit. Nothing is written. Exits 77, which skips the test, when the compiler is not
# installed.
set -eu
compiler=$1
source=$2
cd "$source/generated"

case "$compiler" in
gcc) cxx=g++ ;;
clang) cxx=clang++ ;;
*) exit 2 ;;
esac
if ! command -v "$compiler" >/dev/null || ! command -v "$cxx" >/dev/null; then
    echo "$compiler or $cxx is not installed"
    exit 77
fi

warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wcast-qual -Wundef -Wvla -Werror"
as_c="$compiler -x c -std=c11 $warnings -Wstrict-prototypes -Wmissing-prototypes"
as_cxx="$cxx -x c++ -std=c++17 $warnings"
failed=0
count=0

# compile WHAT TEXT COMMAND...
compile() {
    what=$1
    text=$2
    shift 2
    count=$((count + 1))
    if ! "$@" -I. "-I$source/runtime/include" - <<TEXT; then
$text
TEXT
        echo "FAILED: $what: $*" >&2
        failed=$((failed + 1))
    fi
}

sources=$(find . -name '*.c' | sed 's|^\./||' | LC_ALL=C sort)
headers=$(find . -name '*.h' | sed 's|^\./||' | LC_ALL=C sort)
public=$(cd "$source/runtime/include" && find cleat -name '*.h' ! -name schema_end.h)
schemas=$(find "$source/schemas" -name '*.h')
test -n "$sources" && test -n "$headers" && test -n "$public" && test -n "$schemas"

# Warnings about how values flow come only with optimisation, so C is compiled to the end.
for file in $sources $headers $public $schemas; do
    compile "$file as C" "#include \"$file\"" $as_c -O1 -c -o /dev/null
    compile "$file as C++" "#include \"$file\"" $as_cxx -fsyntax-only
done
compile "all sources as one unit" "$(printf '#include "%s"\n' $sources)" \
    $as_c -O1 -c -o /dev/null

echo "$count compilations, $failed failed"
test "$failed" -eq 0

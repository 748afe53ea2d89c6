#!/bin/sh
# distinct.sh COMPILER SOURCE_DIR: an id of one table as the id of another does not compile, as C11
# (where a wrong pointer is a warning that gcc 14 and clang 16 made an error) and as C++17; the right
# one does. Exits 77, which skips the test, when the compiler is not installed.
set -eu
compiler=$1
source=$2
case "$compiler" in
gcc) cxx=g++ ;;
clang) cxx=clang++ ;;
*) exit 2 ;;
esac
if ! command -v "$compiler" >/dev/null || ! command -v "$cxx" >/dev/null; then
    echo "$compiler or $cxx is not installed"
    exit 77
fi
failed=0

# compiles EXPECTED CALL: yes or no, for a call of `loan` and `reader`, rows of two tables.
compiles() {
    program=$(
        cat <<TEXT
#include "loans/db_models.cleat.h"
#include "library/db_models.cleat.h"
cleat_status test(cleat_session *s, library_loans_row *loan, library_readers_row *reader);
cleat_status
test(cleat_session *s, library_loans_row *loan, library_readers_row *reader)
{
    (void)reader;
    return $2;
}
TEXT
    )
    for command in "$compiler -x c -std=c11 -Werror=incompatible-pointer-types" "$cxx -x c++ -std=c++17"; do
        result=yes
        printf '%s\n' "$program" | $command -fsyntax-only "-I$source/runtime/include" \
            "-I$source/tests/codegen/good/distinct/expected" - 2>/dev/null || result=no
        [ "$result" = "$1" ] && continue
        echo "$command: '$2' compiles: $result" >&2
        failed=$((failed + 1))
    done
}

compiles yes 'library_loans_get(s, loan->id, loan)'
compiles yes 'library_readers_get(s, loan->reader, reader)'
compiles yes 'library_readers_count_by_guardian(s, &loan->reader, NULL)'
compiles no 'library_loans_get(s, loan->reader, loan)'
compiles no 'library_loans_get(s, loan->book, loan)'
compiles no 'library_readers_get(s, loan->id, reader)'
compiles no 'library_readers_count_by_guardian(s, &loan->id, NULL)'
compiles no 'library_loans_get_by_book_and_reader(s, loan->reader, loan->book, loan)'
compiles no '(loan->book = loan->reader, CLEAT_OK)'
compiles no 'library_move_book(s, loan->book, NULL, loan->book, NULL)'
compiles no 'library_loans_get(s, "01ARZ3NDEKTSV4RRFFQ69G5FAV", loan)'
test "$failed" -eq 0

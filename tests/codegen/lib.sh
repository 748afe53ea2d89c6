# lib.sh: what the scripts beside it share. Sourced with the tool as $1; sets tool, include (where
# <cleat/table.h> is), here, and scratch, a directory that goes when the script ends. A failure is
# printed and counted, the script goes on, and ends with `finish`.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
include=$(cd "$here/../../runtime/include" && pwd)
if [ $# -lt 1 ]; then
    echo "usage: $(basename "$0") TOOL [...]" >&2
    exit 2
fi
tool=$(realpath "$1")
shift
export LC_ALL=C.UTF-8 NO_COLOR=1 CLEAT_CACHE_DIR=
unset SOURCE_DATE_EPOCH
umask 022
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    failures=$((failures + 1))
}

kept() {
    printf 'kept: %s\n' "$*"
}

finish() {
    if [ "$failures" -gt 0 ]; then
        printf '%d failures\n' "$failures" >&2
        exit 1
    fi
    exit 0
}

# expect STATUS WHAT COMMAND…: standard output and error go to $scratch/stdout and $scratch/stderr.
expect() {
    local wanted=$1 what=$2 status=0
    shift 2
    "$@" >"$scratch/stdout" 2>"$scratch/stderr" || status=$?
    if [ "$status" -ne "$wanted" ]; then
        fail "$what: exit status $status instead of $wanted"
        head -20 "$scratch/stderr" | cut -c1-300 >&2
        return 1
    fi
}

# says WHAT PATTERN: the last expected command gave a reason.
says() {
    if ! grep -q -e "$2" "$scratch/stderr"; then
        fail "$1: standard error does not say '$2'"
        head -20 "$scratch/stderr" | cut -c1-300 >&2
        return 1
    fi
}

# All sources of a generated directory in one unit.
unit() {
    (cd "$1" && find . -name '*.c' | sed 's|^\./||' | LC_ALL=C sort | sed 's|.*|#include "&"|')
}

# compiles WHAT DIRECTORY COMMAND…
compiles() {
    local what=$1 directory=$2
    shift 2
    command -v "$1" >/dev/null || return 0
    if ! unit "$directory" | "$@" -I"$directory" -I"$include" - >"$scratch/compiler" 2>&1; then
        fail "$what: not clean: $*"
        head -20 "$scratch/compiler" | cut -c1-300 >&2
        return 1
    fi
}

# As the strictest user compiles it, with every compiler that is there.
compiles_everywhere() {
    local what=$1 directory=$2
    # shellcheck disable=SC2086
    {
        compiles "$what" "$directory" gcc -x c -std=c11 $warnings -fsyntax-only
        compiles "$what" "$directory" gcc -x c -std=c11 -trigraphs -Wbidi-chars=any $warnings \
            -fsyntax-only
        compiles "$what" "$directory" gcc -x c -std=gnu17 $warnings -O1 -c -o /dev/null
        compiles "$what" "$directory" g++ -x c++ -std=c++17 $warnings -fsyntax-only
        compiles "$what" "$directory" clang -x c -std=c11 $warnings -fsyntax-only
        compiles "$what" "$directory" clang -x c -std=c11 -trigraphs $warnings -fsyntax-only
        compiles "$what" "$directory" clang++ -x c++ -std=c++17 $warnings -fsyntax-only
    }
}

# Every snapshot of a generated directory runs, and SQLite finds nothing wrong with the result.
snapshots_run() {
    local what=$1 file output
    for file in "$2"/sql/*.sql; do
        [ -e "$file" ] || continue
        output=$(sqlite3 -bail :memory: ".read '$file'" 'PRAGMA integrity_check' 2>&1)
        [ "$output" = ok ] || fail "$what: $(basename "$file"): $output"
    done
}

# A module with one small table: module DIRECTORY DATABASE TABLE
module() {
    mkdir -p "$1"
    printf '#include <cleat/schema.h>\n#define DATABASE_NAME "%s"\n\n' "$2" >"$1/db_models.h"
    printf 'TABLE(%s) {\n    integer id PRIMARY_KEY;\n    text name NOT_NULL;\n};\n' "$3" \
        >>"$1/db_models.h"
}

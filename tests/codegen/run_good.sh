#!/usr/bin/env bash
# run_good.sh TOOL [--update] [CASE…]: what is generated from good schemas, byte by byte.
#
# good/<case>/ holds schemas/ and expected/, the whole tree that `cleat generate` makes of it. What
# it makes also compiles without a warning, and its snapshots run. A second run reads the same
# schemas with a byte order mark and \r\n at the ends of lines, and makes the same.
set -u
. "$(dirname "$0")/lib.sh"
update=false
if [ "${1-}" = --update ]; then
    update=true
    shift
fi

# Each file of a copy with a BOM and \r\n.
as_on_windows() {
    cp -R "$1" "$2"
    find "$2" -type f \( -name '*.h' -o -name '*.sql' \) ! -path '*/.*' | while IFS= read -r file; do
        { printf '\357\273\277' && sed 's/$/\r/' "$file"; } >"$file.new"
        mv "$file.new" "$file"
    done
}

run_case() {
    local name=$1
    local directory=$here/good/$name work=$scratch/$name before=$failures
    mkdir -p "$work"
    as_on_windows "$directory/schemas" "$work/schemas"
    cd "$directory" || exit 1
    expect 0 "$name" "$tool" generate --out "$work/out" || return
    [ ! -s "$scratch/stdout" ] && [ ! -s "$scratch/stderr" ] || fail "$name: is not silent"
    if $update; then
        rm -rf "$directory/expected"
        cp -R "$work/out" "$directory/expected"
    fi
    diff -ru expected "$work/out" || fail "$name: other files than expected"
    expect 0 "$name: check" "$tool" check --out "$work/out"
    cd "$work" || exit 1
    expect 0 "$name with BOM and CRLF" "$tool" generate --out windows
    diff -r "$directory/expected" windows || fail "$name: BOM and CRLF change what is generated"
    compiles_everywhere "$name" out
    snapshots_run "$name" out
    [ "$failures" -gt "$before" ] || kept "$name"
}

if [ $# -gt 0 ]; then
    for name in "$@"; do
        run_case "$name"
    done
else
    for directory in "$here"/good/*/; do
        run_case "$(basename "$directory")"
    done
fi
finish

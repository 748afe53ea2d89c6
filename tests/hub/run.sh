#!/bin/sh
# run.sh HUB: starts the demo again and again on one data directory, while files come, change and
# go, and checks what it says each time. Leaves nothing behind; exits 1 at the first surprise.
set -eu

hub=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

fail() {
    echo "FAILED: $*" >&2
    echo "--- standard output" >&2
    cat "$work/out" >&2
    echo "--- standard error" >&2
    cat "$work/err" >&2
    exit 1
}

# start STATUS ARGUMENTS...: runs the hub and checks its exit status.
start() {
    expected=$1
    shift
    status=0
    "$hub" --data "$work/data" "$@" >"$work/out" 2>"$work/err" || status=$?
    [ "$status" -eq "$expected" ] || fail "exit status $status, expected $expected: hub $*"
}

says() {
    grep -qF -- "$1" "$work/out" || fail "'$1' is not on standard output"
}

says_not() {
    ! grep -qF -- "$1" "$work/out" || fail "'$1' is on standard output"
}

logs() {
    grep -qF -- "$1" "$work/err" || fail "'$1' is not on standard error"
}

logs_not() {
    ! grep -qF -- "$1" "$work/err" || fail "'$1' is on standard error"
}

rows_of() {
    awk -v name="$1" '$1 == name && NF == 3 { print $3 }' "$work/out"
}

passed() {
    echo "ok: $1"
}

# Five texts, one of them empty, that the checkout has; a large one, and all that must be left out.
cp -r "$here/files" "$work/files"
awk 'BEGIN { for (i = 1; i <= 3000; i++) printf "line %d of a long report\n", i
             print "zeppelin" }' >"$work/files/letters/a long report.txt"
printf 'binary\000attach database\n' >"$work/files/binary.db"
printf 'latin-1: gr\374n, attach database\n' >"$work/files/latin1.txt"
mkdir "$work/files/.git" "$work/files/build"
echo "attach database" >"$work/files/.git/config"
echo "attach database" >"$work/files/build/notes.txt"
ln -s guide/attach.md "$work/files/link.md"

start 0 "$work/files"
logs "catalog: Database created with"
logs "content: Database created with"
logs "framework: Database created with"
logs_not "Database verified with"
says "Ingest: 6 new, 0 changed, 0 unchanged, 0 retired, 2 skipped"
[ "$(rows_of content)" -eq 6 ] || fail "content should have 6 rows"
[ "$(rows_of pipeline)" -eq 0 ] || fail "pipeline should have no rows"
says "letters/ada.txt:3"
says "guide/attach.md:4"
says "attach the second database to the connection of the first."
says_not "guide/backup.md:"
size=$(wc -c <"$work/files/letters/a long report.txt")
hash=$(sha256sum "$work/files/letters/a long report.txt" | cut -c 1-12)
says "$size  $hash  letters/a long report.txt"
passed "a first start creates every database and stores every text"

cp "$work/out" "$work/first"
start 0 "$work/files"
logs "catalog: Database verified with"
logs_not "Database created with"
says "Ingest: 0 new, 0 changed, 6 unchanged, 0 retired, 2 skipped"
grep -v '^Ingest: ' "$work/first" >"$work/first_answers"
grep -v '^Ingest: ' "$work/out" | cmp -s - "$work/first_answers" || fail "other answers than before"
passed "a second start finds everything there and answers the same"

start 0 "$work/files" "$work/files/guide"
says "Ingest: 0 new, 0 changed, 8 unchanged, 0 retired, 2 skipped"
[ "$(rows_of content)" -eq 6 ] || fail "content should still have 6 rows"
start 0 "$work/files"
says "Ingest: 0 new, 0 changed, 6 unchanged, 0 retired, 2 skipped"
passed "a file below two directories is one document"

echo "A parrot may be attached to no database." >"$work/files/guide/parrot.md"
echo "The parrot of Ada." >>"$work/files/letters/ada.txt"
mv "$work/files/guide/backup.md" "$work/backup.md"
start 0 --search "parrot" "$work/files"
says "Ingest: 1 new, 1 changed, 4 unchanged, 1 retired, 2 skipped"
says "guide/parrot.md:1"
says "letters/ada.txt:5"
start 0 --search "vacuum" "$work/files"
says "Ingest: 0 new, 0 changed, 6 unchanged, 0 retired, 2 skipped"
says "nothing found"
mv "$work/backup.md" "$work/files/guide/backup.md"
start 0 --search "VACUUM into" "$work/files"
says "Ingest: 0 new, 1 changed, 6 unchanged, 0 retired, 2 skipped"
says "guide/backup.md:3"
passed "files that come, change, go and come back are noticed"

start 0 --search "zeppelin" "$work/files"
says "nothing found"
start 0 --search "report" "$work/files"
says "letters/a long report.txt:1"
passed "the catalog searches the first lines of a long text"

start 0 --search 'größe' "$work/files"
says "umlauts.txt:1"
for words in '"' 'AND' 'NEAR(a' 'body:' '*' '-' 'a"b (c' ''; do
    start 0 --search "$words" "$work/files"
done
passed "no search is a syntax error"

rm -f "$work/data/content.db" "$work/data/content.db-wal" "$work/data/content.db-shm"
start 0 "$work/files"
logs "content: Database created with"
logs "catalog: Database verified with"
says "Ingest: 0 new, 7 changed, 0 unchanged, 0 retired, 2 skipped"
start 0 "$work/files"
says "Ingest: 0 new, 0 changed, 7 unchanged, 0 retired, 2 skipped"
passed "bodies that were lost are stored again"

start 1 "$work/nowhere"
logs "nowhere: No such file or directory"
start 2 --unknown
start 0 --help
says "Usage: hub"
mkdir "$work/broken"
echo "this is no database, and long enough to be looked at as if it were one: $(seq 1 100)" \
    >"$work/broken/catalog.db"
start 1 --data "$work/broken" "$work/files"
logs "hub: CLEAT_CORRUPT: "
passed "failures are said, and are the exit status"

#!/bin/sh
# run.sh PIPELINE: ingests a directory again and again, ends runs well and badly, and checks what
# is said and kept each time. Leaves nothing behind; exits 1 at the first surprise.
set -eu

pipeline=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
export PIPELINE_LOG_LEVEL=warning

fail() {
    echo "FAILED: $*" >&2
    echo "--- standard output" >&2
    cat "$work/out" >&2
    echo "--- standard error" >&2
    cat "$work/err" >&2
    exit 1
}

# start STATUS ARGUMENTS...: runs the pipeline and checks its exit status.
start() {
    expected=$1
    shift
    status=0
    "$pipeline" --data "$work/data" "$@" >"$work/out" 2>"$work/err" || status=$?
    [ "$status" -eq "$expected" ] || fail "exit status $status, expected $expected: pipeline $*"
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

# has ROWS TABLE: checks a line of the last list of tables.
has() {
    rows=$(awk -v name="$2" '$1 == name { print $2 }' "$work/out")
    [ "$rows" = "$1" ] || fail "$2 should have $1 rows, not $rows"
}

run_id() {
    sed -n 's/^Run: //p' "$work/out"
}

passed() {
    echo "ok: $1"
}

# Four texts, two of them the same and one empty, that the checkout has; a long one with the ends
# of lines of another system, one that repeats itself, and one that is no text.
cp -r "$here/files" "$work/files"
awk 'BEGIN { for (i = 1; i <= 300; i++) printf "line %d of a long r\303\251port\r\n", i }' \
    >"$work/files/long.txt"
awk 'BEGIN { for (i = 1; i <= 6000; i++) printf "a" }' >"$work/files/same.txt"
printf 'bin\000ary\n' >"$work/files/picture.bin"

start 0 ingest harbour "$work/files"
says "Sources: 7, 7 new"
says "Contents: 7, 6 new"
says "Documents: 6, 5 new"
says "Chunks: 13, 12 new"
says "Failed: 1"
first=$(run_id)
start 0 sources harbour
cp "$work/out" "$work/first_sources"
says '{"characters":7692,"lines":300}'
says "chunk 0"
start 0 tables
cp "$work/out" "$work/first_tables"
has 7 sources
has 6 source_versions
has 7 source_version_links
has 5 documents
has 12 chunks
has 6 extract_runs
passed "a first run stores every text, and a content that two files have once"

start 0 ingest harbour "$work/files"
says "Sources: 7, 0 new"
says "Contents: 7, 0 new"
says "Documents: 6, 0 new"
says "Chunks: 13, 0 new"
says "Failed: 1"
second=$(run_id)
[ "$first" != "$second" ] || fail "two runs have one id"
start 0 sources harbour
cmp -s "$work/out" "$work/first_sources" || fail "other ids than before"
start 0 tables
has 2 runs
grep -vE '^(events|run_items|runs) ' "$work/first_tables" >"$work/first_rest"
grep -vE '^(events|run_items|runs) ' "$work/out" | cmp -s - "$work/first_rest" ||
    fail "other counts than before"
passed "a second run finds everything there, with the same ids and counts"

for run in "$first" "$second"; do
    start 0 run "$run"
    says "Run $run: ingest, succeeded"
    says "failed     no UTF-8 text: byte 3 is 0x00"
    says "RUN_STARTED"
    says "EXTRACT_FAILED"
    says "RUN_FINISHED"
    [ "$(grep -c '^extract .* failed ' "$work/out")" -eq 1 ] || fail "one item should have failed"
done
start 0 runs harbour
[ "$(sed -n '2s/ .*//p' "$work/out")" = "$second" ] || fail "the latest run should come first"
[ "$(awk 'NR == 2 { print $6, $7, $8, $9 }' "$work/out")" = "17 0 16 1" ] || fail "other items"
passed "a failing item keeps its message, and does not end its run"

start 1 ingest harbour "$work/nowhere"
logs "nowhere: No such file or directory"
lost=$(run_id)
start 0 run "$lost"
says "Run $lost: ingest, failed: $work/nowhere: No such file or directory"
says "RUN_FAILED"
passed "a failing run keeps its message"

start 0 start harbour
open=$(cat "$work/out")
start 0 run "$open"
says "Run $open: ingest, running"
start 0 fail "$open" "the disk's \"full\", größer geht's nicht"
start 0 run "$open"
says "Run $open: ingest, failed: the disk's \"full\", größer geht's nicht"
start 1 finish "$open"
logs "the run '$open' has ended already"
start 1 fail "$open" "another reason"
start 0 run "$open"
says_not "another reason"
start 0 start harbour
open=$(cat "$work/out")
start 0 finish "$open"
start 0 run "$open"
says "Run $open: ingest, succeeded"
long=$(awk 'BEGIN { for (i = 1; i <= 3000; i++) printf "\303\274" }')
start 0 start harbour
open=$(cat "$work/out")
start 0 fail "$open" "x$long"
start 0 run "$open"
says "failed: xü"
passed "a run ends once"

for run in 01ARZ3NDEKTSV4RRFFQ69G5FAV nonsense ""; do
    start 1 finish "$run"
    logs "there is no run '$run'"
    start 1 fail "$run" "reason"
    logs "there is no run '$run'"
    start 1 run "$run"
    logs "there is no run '$run'"
done
start 1 runs nobody
logs "there is no workspace 'nobody'"
start 1 sources nobody
start 2 finish
start 2 unknown
start 2 --unknown
start 0 --help
says "Usage: pipeline"
passed "an unknown run is an error"

start 0 ingest other "$work/files"
says "Sources: 7, 7 new"
says "Contents: 7, 0 new"
says "Chunks: 13, 0 new"
start 0 sources other
grep -v '^source ' "$work/out" | sort >"$work/shared"
grep -v '^source ' "$work/first_sources" | sort | cmp -s - "$work/shared" || fail "other contents"
start 0 remove harbour
start 1 remove harbour
start 0 sources other
grep -v '^source ' "$work/out" | sort | cmp -s - "$work/shared" || fail "contents went away"
start 0 tables
has 1 workspaces
has 7 sources
has 6 source_versions
has 12 chunks
has 1 runs
start 0 remove other
start 0 tables
awk 'NR > 1 && $2 != 0 { exit 1 }' "$work/out" || fail "something is left"
passed "a content stays as long as a workspace uses it"

truncate -s 17M "$work/files/huge.txt"
name=$(awk 'BEGIN { for (i = 1; i <= 200; i++) printf "n" }')
mkdir -p "$work/files/$name/$name"
echo text >"$work/files/$name/$name/$name.txt"
start 0 ingest harbour "$work/files"
says "Sources: 8, 8 new"
says "Failed: 3"
logs "huge.txt: File too large"
logs "$name.txt: File name too long"
start 0 run "$(run_id)"
says '{"message":"File too large","source_id":"'
says "SOURCE_NAME_TOO_LONG"
rm -r "$work/files/huge.txt" "$work/files/$name"
passed "a file that cannot be read is an event"

echo "The bell has rung." >>"$work/files/menu.md"
start 0 ingest harbour "$work/files"
echo "The bell has rung twice." >>"$work/files/menu.md"
start 0 ingest harbour "$work/files"
says "Sources: 7, 0 new"
says "Contents: 7, 1 new"
says "Documents: 6, 1 new"
says "Chunks: 13, 1 new"
passed "a file that changes is the same source with another content"

for i in 1 2 3; do
    "$pipeline" --data "$work/data" ingest together "$work/files" >"$work/out.$i" \
        2>"$work/err.$i" &
    pids="${pids-} $!"
done
for pid in $pids; do
    wait "$pid" || fail "one of three at once: $(cat "$work"/err.*)"
done
start 0 ingest together "$work/files"
says "Sources: 7, 0 new"
says "Contents: 7, 0 new"
start 0 sources together
[ "$(grep -c '^source ' "$work/out")" -eq 7 ] || fail "a source is there twice"
passed "runs at the same time store everything once"

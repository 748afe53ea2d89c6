#!/bin/sh
# run.sh EVENTS: lines go in, answers come out in the same order, rows stay. Leaves nothing behind;
# exits 1 at the first surprise.
set -eu

events=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
export EVENTS_LOG_LEVEL=warning

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# Slower than the loop, then faster than the disk.
{
    echo first
    sleep 0.1
    echo second
    awk 'BEGIN { for (i = 3; i <= 3000; i++) print "line " i }'
} >"$work/lines"
{
    head -n 1 "$work/lines"
    sleep 0.1
    tail -n +2 "$work/lines"
} | "$events" "$work/data" >"$work/out" || fail "exit status $?"
awk '{ print "stored " NR ": " $0 } END { print NR " rows" }' "$work/lines" >"$work/expected"
cmp "$work/out" "$work/expected" || fail "the answers are not those to the lines"
echo "ok: every line is answered, in order"

# A last line without an end, on the databases that are there.
printf 'one more' | "$events" "$work/data" >"$work/out"
printf 'stored 1: one more\n3001 rows\n' | cmp - "$work/out" || fail "the rows did not stay"
echo "ok: rows stay"

# A line answered is a line on disk, even when the program is killed.
mkfifo "$work/pipe"
"$events" "$work/data" <"$work/pipe" >"$work/out" &
process=$!
exec 3>"$work/pipe"
echo 'the last one' >&3
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    grep -q '^stored 1: the last one$' "$work/out" && break
    sleep 0.1
done
grep -q '^stored 1: the last one$' "$work/out" || fail "no answer while the input is open"
kill -9 "$process"
wait "$process" 2>/dev/null || true
exec 3>&-
"$events" "$work/data" </dev/null >"$work/out"
grep -qx '3002 rows' "$work/out" || fail "an answered line is lost"
echo "ok: what is answered is kept"

"$events" /proc/none </dev/null >/dev/null 2>"$work/err" && fail "it starts without a place for data"
grep -q 'events: ' "$work/err" || fail "it does not say why it cannot start"
echo "ok: failures are said"

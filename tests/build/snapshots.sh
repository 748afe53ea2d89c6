#!/bin/sh
# snapshots.sh DIRECTORY: sqlite3 executes every snapshot in a new database without a complaint, and
# the result passes SQLite's own checks.
set -eu
count=0
for file in "$1"/*.sql; do
    output=$(sqlite3 -bail :memory: ".read '$file'" 'PRAGMA integrity_check;' \
        'PRAGMA foreign_key_check;')
    if [ "$output" != ok ]; then
        echo "FAILED: $file: $output" >&2
        exit 1
    fi
    count=$((count + 1))
done
echo "$count snapshots"

#!/usr/bin/env bash
# run_import.sh TOOL [--update]: a database that is there becomes a module. What the tool itself has
# made comes back as the same SQL; of a file that others have made, what cannot be said is told.
set -u
. "$(dirname "$0")/lib.sh"
update=${1-}
root=$(cd "$here/../.." && pwd)
cd "$scratch" || exit 1

comes_back() {
    local file=$1 name
    name=$(basename "$file" .sql)
    sqlite3 "$name.db" <"$file"
    expect 0 "$name is imported" "$tool" import "$name.db" "schemas/$name"
}

for file in "$root"/generated/sql/*.sql; do
    comes_back "$file"
done
# what a view computes has no type that SQLite knows
sed -i 's/^CREATE VIEW run_durations/-- column duration_us integer\n&/' schemas/pipeline/db_objects.sql
expect 0 'what was imported is generated' "$tool" generate
for file in "$root"/generated/sql/*.sql; do
    name=$(basename "$file" .sql)
    # by meaning: statements may stand in another order, a check at its table or its column
    if "$tool" diff --fail-on note --db "$name.db" --out generated >"$scratch/difference" 2>&1; then
        kept "$name is the same again"
    else
        fail "$name is another after it was imported"
        head -20 "$scratch/difference" >&2
    fi
done

# What others have made.
sqlite3 old.db <"$here/import/old.sql"
expect 1 'a file that holds more than can be said' "$tool" import old.db modules/old
if [ "$update" = --update ]; then
    cp modules/old/db_models.h "$here/import/db_models.h"
    cp modules/old/db_objects.sql "$here/import/db_objects.sql"
    cp stderr "$here/import/expected.txt"
fi
diff -u "$here/import/db_models.h" modules/old/db_models.h || fail 'another db_models.h than expected'
diff -u "$here/import/db_objects.sql" modules/old/db_objects.sql || fail 'other objects than expected'
diff -u "$here/import/expected.txt" stderr || fail 'other messages than expected'
expect 1 'the same as SQL' "$tool" import "$here/import/old.sql"
grep -v '^/\*\* A file as' stdout | diff -u "$here/import/db_models.h" - || fail 'SQL gives another module than the file'

# A key by hand, which no file has, and the module is good.
sed -i 's/^    text text;/    integer id PRIMARY_KEY;\n&/' modules/old/db_models.h
expect 0 'the module is good' "$tool" generate --schemas modules --out new
snapshots_run 'the imported file' new

expect 3 'a module that is there stays' "$tool" import old.db modules/old && says 'it' 'already there'
expect 3 'no file' "$tool" import nothing.db && says 'the file' 'nothing.db'
echo 'no database at all, only some text' >text.db
expect 3 'no database' "$tool" import text.db && says 'the file' 'text.db'
expect 2 'no argument' "$tool" import
finish

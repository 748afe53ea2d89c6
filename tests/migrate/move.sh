#!/usr/bin/env bash
# move.sh TOOL: a table goes to another database: its rows are in the one file, in the other, or, where
# something came in between, in both; never in none. What is in the way is named, and nothing moves.
. "$(dirname "$0")/lib.sh"

TAGS='TABLE(tags) {
    integer id   PRIMARY_KEY AUTOINCREMENT;
    text    name NOT_NULL UNIQUE COLLATE(NOCASE);
    FULL_TEXT_ON(tags_fts, name);
};'
BOOKS='TABLE(books) {
    integer id PRIMARY_KEY;
};'

# schema MODULE TEXT…
schema() {
    local module=$1
    shift
    mkdir -p "schemas/$module"
    printf '#include <cleat/schema.h>\n#define DATABASE_NAME "%s"\n' "$module" >"schemas/$module/db_models.h"
    printf '%s\n' "$@" >>"schemas/$module/db_models.h"
}

make_file() {
    rm -f "$1.db" "$1".db-*
    sqlite3 "$1.db" <"generated/sql/$1.sql"
    "$tool" migrate stamp "$1" "$1.db" >/dev/null
}

count() {
    sqlite3 "$1.db" 'SELECT count(*) FROM tags'
}

fresh_files() {
    rm -f ./*.db-*
    cp shop.before shop.db
    cp archive.before archive.db
}

schema shop "$BOOKS" "$TAGS"
schema archive "$BOOKS"
"$tool" migrate new -m 'First.' >/dev/null 2>&1
"$tool" generate
make_file shop
make_file archive
sqlite3 shop.db "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
    INSERT INTO tags SELECT i, 'tag ' || i FROM n; INSERT INTO tags VALUES (900, 'gone');
    DELETE FROM tags WHERE id = 900"

# ---- the step waits for the rows ----

schema shop "$BOOKS"
schema archive "$BOOKS" "$TAGS"
expect 1 "--moved 'tags: database'" "$tool" migrate new -m 'Tags are in the archive.'
"$tool" migrate new -m 'Tags are in the archive.' --moved 'tags: archive' >/dev/null 2>&1
"$tool" generate && "$tool" check
grep -q -- '-- moved tags: archive' schemas/migrations/shop/*archive*.sql || fail 'the move is not in the step'
before=$(sha256sum <shop.db)
expect 1 'cleat migrate move tags FILE FILE-OF-archive; 500 rows are not so: 1, 2, 3, 4, 5' \
    "$tool" migrate up shop shop.db
[ "$before" = "$(sha256sum <shop.db)" ] || fail 'a refused step changed the file'
expect 1 'has no table tags' "$tool" migrate move tags shop.db archive.db
expect 0 'archive' "$tool" migrate up archive archive.db
cp shop.db shop.before
cp archive.db archive.before

# ---- the way that it goes ----

expect 0 '500 rows are in' "$tool" migrate move tags shop.db archive.db
[ "$(count shop)" = 0 ] && [ "$(count archive)" = 500 ] || fail 'the rows are not where they belong'
[ "$(sqlite3 archive.db "SELECT seq FROM sqlite_sequence WHERE name = 'tags'")" = 900 ] || fail 'the mark'
[ "$(sqlite3 archive.db "SELECT count(*) FROM tags_fts WHERE tags_fts MATCH '\"tag 77\"'")" = 1 ] ||
    fail 'full text does not find them'
expect 0 'archive' "$tool" migrate up shop shop.db
for database in shop archive; do
    expect 0 'the schema is that of' "$tool" migrate verify "$database" "$database.db"
    [ "$(sqlite3 "$database.db" 'PRAGMA integrity_check')" = ok ] || fail "$database is damaged"
done

# ---- what comes in between ----

copied() {
    fresh_files
    sqlite3 archive.db "ATTACH 'shop.db' AS s; INSERT INTO main.tags SELECT * FROM s.tags"
}
copied
expect 0 'where they were copied before' "$tool" migrate move tags shop.db archive.db
[ "$(count shop)" = 0 ] && [ "$(count archive)" = 500 ] || fail 'a move that was cut short does not go on'
copied
sqlite3 shop.db "UPDATE tags SET name = 'TAG 7' WHERE id = 7; DELETE FROM tags WHERE id = 9"
expect 1 '1 of .*shop.db are not in .*archive.db, 2 the other way round, such as 7' \
    "$tool" migrate move tags shop.db archive.db
[ "$(count shop)" = 499 ] && [ "$(count archive)" = 500 ] || fail 'something moved'
fresh_files
sqlite3 archive.db "INSERT INTO tags VALUES (1, 'another')"
expect 1 'Nothing was moved; make them the same, or empty' "$tool" migrate move tags shop.db archive.db
[ "$(count shop)" = 500 ] && [ "$(count archive)" = 1 ] || fail 'something moved'

# ---- kills: of 500 rows each is there at least once ----

fresh_files
began=$(date +%s%N)
"$tool" migrate move tags shop.db archive.db >/dev/null
took=$((($(date +%s%N) - began) / 1000))
met=0
for tenth in 2 4 5 6 7 8 9; do
    fresh_files
    "$tool" migrate move tags shop.db archive.db >/dev/null 2>&1 &
    child=$!
    sleep "$(printf '0.%06d' $((took * tenth / 10)))"
    kill -9 "$child" 2>/dev/null || true # it may be done already: what it ended with says so
    status=0
    wait "$child" 2>/dev/null || status=$?
    case $status in
    0) ;;
    137) met=$((met + 1)) ;;
    *) fail "a move beside a kill ended with $status" ;;
    esac
    all=$(sqlite3 shop.db "ATTACH 'archive.db' AS a; SELECT count(*) FROM (SELECT id FROM main.tags
        UNION SELECT id FROM a.tags)")
    [ "$all" = 500 ] || fail "after a kill $all rows are left"
    [ "$(count shop)" = 0 ] || expect 0 'rows are in' "$tool" migrate move tags shop.db archive.db
    [ "$(count shop)" = 0 ] && [ "$(count archive)" = 500 ] || fail 'a killed move does not go on'
done
[ "$met" -gt 0 ] || fail 'every kill came too late'

expect 3 'No such file' "$tool" migrate move tags nothing.db archive.db
expect 2 '' "$tool" migrate move tags shop.db
echo 'move: all kept'

#!/usr/bin/env bash
# histories.sh TOOL: what happens to a history of migrations that people work on: a last one that is
# written again, with what was written by hand in it; two ends that are put one after the other or
# joined; an edit of an old one; files that took the one way or the other.
. "$(dirname "$0")/lib.sh"

# schema LINE…: books with these columns besides id and title
schema() {
    mkdir -p schemas/shop
    {
        printf '#include <cleat/schema.h>\n#define DATABASE_NAME "shop"\n\nTABLE(books) {\n'
        printf '    integer id PRIMARY_KEY;\n    text title NOT_NULL;\n'
        printf '    %s\n' "$@"
        printf '};\n'
    } >schemas/shop/db_models.h
}

new() {
    "$tool" migrate new -m "$@" 2>/dev/null
}

revision() {
    basename "$1" | cut -c 1-12
}

first() {
    rm -rf schemas generated
    schema ''
    new 'Books.'
}

make_file() {
    rm -f "$1" "$1"-*
    sqlite3 "$1" <generated/sql/shop.sql
    sqlite3 "$1" "INSERT INTO books (id, title) VALUES (1, 'One'), (5, 'Two')"
    "$tool" migrate stamp shop "$1" >/dev/null
}

# ---- names that were swapped stay as they are ----

first >/dev/null
schema 'text note;'
new 'Notes.' >/dev/null
"$tool" generate
make_file swapped.db
sqlite3 swapped.db "UPDATE books SET note = 'n' || id"
{
    printf '#include <cleat/schema.h>\n#define DATABASE_NAME "shop"\n\nTABLE(books) {\n'
    printf '    integer id PRIMARY_KEY;\n    text note NOT_NULL RENAMED_FROM(title);\n'
    printf '    text title RENAMED_FROM(note);\n};\n'
} >schemas/shop/db_models.h
new 'Names are swapped.' >/dev/null
"$tool" generate && "$tool" check
expect 0 'swapped' "$tool" migrate up shop swapped.db
[ "$(sqlite3 swapped.db "SELECT group_concat(note || title) FROM books")" = 'Onen1,Twon5' ] ||
    fail "the values are not swapped"
expect 0 'where its last migration leads' "$tool" migrate new -m 'Again.'
expect 0 'nothing to run' "$tool" migrate up shop swapped.db
sed -i 's/^};/    integer pages;\n};/' schemas/shop/db_models.h
later=$(new 'Pages.')
! grep -q RENAME "$later" || fail "a rename that is done is written again"
"$tool" generate && "$tool" check
expect 0 'Pages' "$tool" migrate up shop swapped.db
[ "$(sqlite3 swapped.db "SELECT group_concat(note || title) FROM books")" = 'Onen1,Twon5' ] ||
    fail "a rename that is done is run again"

# ---- written again ----

first >/dev/null
schema 'text note;'
old=$(new 'Books have notes.')
sed -i 's/^-- up$/-- up\n\n-- by hand\nUPDATE books SET title = upper(title);\n-- end by hand/' "$old"
expect 1 'edited-migration' "$tool" generate
expect 1 'cleat migrate amend' "$tool" generate
schema 'text note;' 'integer pages NOT_NULL DEFAULT(0);'
expect 0 'books_have_notes.sql' "$tool" migrate amend
amended=$(grep "sql$" out.txt)
[ ! -e "$old" ] || fail "the file that was written again is still there"
grep -q 'UPDATE books SET title = upper(title);' "$amended" || fail "the part by hand is lost"
grep -q 'ADD COLUMN pages' "$amended" || fail "the new column is not in it"
grep -q 'irreversible' "$amended" || fail "a part by hand has a way back that nobody wrote"
"$tool" generate && "$tool" check
expect 0 'there is nothing to do' "$tool" migrate amend

# ---- two ends, one after the other ----

first >/dev/null
"$tool" generate
make_file before.db
schema 'text note;'
mine=$(new 'Notes.')
schema 'integer pages;'
mv "$mine" mine.sql
theirs=$(new 'Pages.')
"$tool" generate
make_file theirs.db
mv mine.sql "$mine"
schema 'integer pages;' 'text note;'
expect 1 'two-heads' "$tool" generate
expect 0 'notes.sql' "$tool" migrate rebase "$(revision "$mine")"
grep -q -- "-- revises: $(revision "$theirs")" "$(grep "sql$" out.txt)" || fail "it does not follow the other"
[ ! -e "$mine" ] || fail "the migration that was put elsewhere is still there"
"$tool" generate && "$tool" check
for file in before.db theirs.db; do
    expect 0 'Notes' "$tool" migrate up shop "$file"
    expect 0 'the schema is that of' "$tool" migrate verify shop "$file"
    [ "$(sqlite3 "$file" 'SELECT sum(id) FROM books')" = 6 ] || fail "$file lost rows"
done

# ---- two ends, joined ----

first >/dev/null
"$tool" generate
make_file before.db
first_file=$(ls schemas/migrations/shop/*.sql)
printf 'TABLE(pens) {\n    integer id PRIMARY_KEY;\n};\n' >>schemas/shop/db_models.h
mine=$(new 'Pens.')
"$tool" generate
make_file mine.db
mv "$mine" mine.sql
schema 'text note;'
theirs=$(new 'Notes.')
"$tool" generate
make_file theirs.db
mv mine.sql "$mine"
printf 'TABLE(pens) {\n    integer id PRIMARY_KEY;\n};\n' >>schemas/shop/db_models.h
expect 1 'two-heads' "$tool" check
expect 0 'come_together.sql' "$tool" migrate merge
"$tool" generate && "$tool" check
for file in before.db mine.db theirs.db; do
    expect 0 'come together' "$tool" migrate up shop "$file"
    expect 0 'the schema is that of' "$tool" migrate verify shop "$file"
    expect 0 'Pens' "$tool" migrate status shop "$file"
    [ "$(sqlite3 "$file" 'SELECT sum(id) FROM books')" = 6 ] || fail "$file lost rows"
done
[ -e "$first_file" ] || fail "the first migration is gone"

# ---- two ends that cannot be joined ----

first >/dev/null
schema 'text note LENGTH(10);'
mine=$(new 'Short notes.')
mv "$mine" mine.sql
schema 'text note LENGTH(20);'
new 'Long notes.' >/dev/null
mv mine.sql "$mine"
expect 1 'cleat migrate rebase' "$tool" migrate merge

# ---- wrong calls ----

rm "$mine"
expect 2 "did you mean 'status'" "$tool" migrate statsu
expect 2 'say on one line' "$tool" migrate new
expect 3 'there are no migrations' "$tool" migrate up nothing before.db
expect 3 'No such file' "$tool" migrate up shop nothing.db
expect 1 'of another branch\|newer program' "$tool" migrate up shop mine.db
echo 'histories: all kept'

#!/usr/bin/env bash
# run_stability.sh TOOL: small changes of schemas are small changes of what is generated, and
# nothing but schemas changes it. stability/ is a project of three modules and two databases; each
# test edits a copy and counts the lines that `diff` shows.
set -u
. "$(dirname "$0")/lib.sh"

work=$scratch/work
people=schemas/people/db_models.h
mkdir -p "$scratch/base" "$work"
cp -R "$here/stability/schemas" "$scratch/base"
cd "$scratch/base" || exit 1
expect 0 "the base" "$tool" generate || finish

reset() {
    rm -rf "$work"
    cp -Rp "$scratch/base" "$work"
    cd "$work" || exit 1
    find generated -type f -exec touch -d '2001-01-01 00:00:00' {} +
}

# Every file with its time and inode: a file that was written again has another line.
stamps() {
    find "$1" -type f -printf '%P %T@ %i\n' | LC_ALL=C sort
}

# The generated files that were written, in one line.
written() {
    find generated -type f -newermt '2002-01-01' -printf '%P ' | tr ' ' '\n' | LC_ALL=C sort |
        tr '\n' ' ' | sed 's/^ //; s/ $//'
}

# changes FILE: +A-B, the lines that were added and removed.
changes() {
    diff "$scratch/base/generated/$1" "generated/$1" |
        awk '/^>/ { a++ } /^</ { b++ } END { printf "+%d-%d", a, b }'
}

# edit WHAT SED_SCRIPT: changes people's schema and generates.
edit() {
    reset
    sed -i "$2" "$people"
    expect 0 "$1" "$tool" generate
    "$tool" check >/dev/null || fail "$1: check does not agree with generate"
}

# count WHAT FILE CHANGES…
count() {
    local what=$1 before=$failures
    shift
    while [ $# -gt 0 ]; do
        local found
        found=$(changes "$1")
        [ "$found" = "$2" ] || fail "$what: $1 changes by $found lines instead of $2"
        shift 2
    done
    [ "$failures" -gt "$before" ] || kept "$what"
}

only() {
    local found
    found=$(written)
    [ "$found" = "$2" ] || fail "$1: wrote '$found' instead of '$2'"
}

# A column in a header: the member, its place among the columns and its bit for patches.
added='+3-0' gone='+0-3' changed='+3-3'

own='README.md init_table.c people/db_models.cleat.c people/db_models.cleat.h sql/first.sql'

# ---- columns ----

edit "a column in the middle" '/text    name/a\    integer age;'
count "a column in the middle is three lines of the header and a line of the descriptor" \
    people/db_models.cleat.h "$added" people/db_models.cleat.c +1-0 sql/first.sql +1-0 \
    init_table.c +2-1 README.md +1-0
only "a column in the middle" "$own"

# In SQL the comma before it changes the line above.
edit "a column at the end" '/text    mail/a\    integer age;'
count "a column at the end is the same, and a comma in SQL" \
    people/db_models.cleat.h "$added" people/db_models.cleat.c +1-0 sql/first.sql +2-1 \
    init_table.c +3-2 README.md +1-0
only "a column at the end" "$own"

edit "a column goes" '/text    town/d'
count "a column that goes takes its own lines" \
    people/db_models.cleat.h "$gone" people/db_models.cleat.c +0-1 sql/first.sql +0-1 \
    init_table.c +1-2 README.md +0-1
only "a column goes" "$own"

edit "a new name" 's/text    town;/text    city RENAMED_FROM(town);/'
# The snapshot also says what it was called.
count "a new name of a column changes its own lines" \
    people/db_models.cleat.h "$changed" people/db_models.cleat.c +1-1 sql/first.sql +2-1 \
    init_table.c +2-2 README.md +1-1
only "a new name" "$own"

edit "a constraint" 's/text    town;/text    town NOT_NULL COLLATE(NOCASE);/'
count "a constraint changes the lines of its column" \
    people/db_models.cleat.h +1-1 people/db_models.cleat.c +1-1 sql/first.sql +1-1 \
    init_table.c +2-2 README.md +0-0

edit "a comment" 's|text    town;|text    town;  ///< where they live|'
count "a comment changes the row and the snapshot" \
    people/db_models.cleat.h +1-1 people/db_models.cleat.c +0-0 sql/first.sql +1-1 \
    init_table.c +0-0 README.md +0-0
only "a comment" 'people/db_models.cleat.h sql/first.sql'

edit "layout" 's/    /\t/g; 1i /* another first line */'
only "layout of the schema" ''
kept "blanks and lines of the schema change nothing"

# ---- tables and modules ----

reset
printf '\nTABLE(aaa) {\n    integer id PRIMARY_KEY;\n};\n' >>"$people"
expect 0 "a table" "$tool" generate
for file in people/db_models.cleat.h people/db_models.cleat.c sql/first.sql init_table.c; do
    case $(changes "$file") in
    *-0) ;;
    # The revision of the database.
    *-1) [ "$file" = init_table.c ] || fail "a new table changes lines of $file" ;;
    *) fail "a new table changes lines of $file: $(changes "$file")" ;;
    esac
done
only "a table" "$own"
kept "a new table adds lines and changes none but the revision"

reset
module schemas/aaa/zzz third things
expect 0 "a module" "$tool" generate
only "a module" ".cleat-manifest README.md aaa/zzz/db_models.cleat.c aaa/zzz/db_models.cleat.h \
init_table.c sql/third.sql"
count "a new module with a database adds lines and changes none" \
    init_table.c "$(changes init_table.c | sed 's/-.*/-0/')" \
    README.md "$(changes README.md | sed 's/-.*/-0/')"
rm -r schemas/aaa
expect 0 "the module goes" "$tool" generate
diff -rq "$scratch/base/generated" generated && kept "a module that goes leaves nothing"

reset
mv schemas schemas.old
mkdir schemas
for name in places people other; do
    cp -R "schemas.old/$name" schemas
done
expect 0 "another order" "$tool" generate
only "another order on the disk" ''
kept "the order of directories on the disk changes nothing"

# ---- nothing else ----

reset
stamps generated >"$scratch/before"
expect 0 "twice" "$tool" generate
stamps generated >"$scratch/after"
diff "$scratch/before" "$scratch/after" && kept "a second run touches no file"

# same WHAT DIRECTORY
same() {
    if diff -rq "$scratch/base/generated" "$2"; then
        kept "$1 changes nothing"
    else
        fail "$1 changes what is generated"
    fi
}

reset
mkdir -p "$scratch/else where/deeper"
(cd "$scratch/else where/deeper" && "$tool" generate --schemas "$work/schemas" --out ../out)
same "another working directory" "$scratch/else where/out"
(cd schemas && "$tool" generate --schemas . --out ../from_inside)
same "a root that is ." from_inside
(cd schemas/people && "$tool" generate --schemas ../../schemas/ --out ../../slash/)
same "a root with .. and /" slash
(umask 077 && "$tool" generate --out private)
same "another umask" private
(umask 000 && "$tool" generate --out public)
same "an open umask" public
# Turkish has another i, German another decimal point; where they are not installed, they are made.
for locale in tr_TR de_DE; do
    localedef -i "$locale" -f UTF-8 "$scratch/$locale.UTF-8" >/dev/null 2>&1 ||
        echo "SKIPPED: no definition of locale $locale; its name alone is tried"
done
for locale in tr_TR.UTF-8 de_DE.UTF-8 C POSIX C.UTF-8 ja_JP.SJIS; do
    if [ -d "$scratch/$locale" ]; then
        LOCPATH=$scratch LC_ALL=$locale LANGUAGE=tr "$tool" generate --out "locale.$locale"
    else
        LC_ALL=$locale LANGUAGE=tr "$tool" generate --out "locale.$locale" 2>/dev/null
    fi
    same "LC_ALL=$locale" "locale.$locale"
done
env -i "$(command -v env)" "$tool" generate --out empty
same "an empty environment" empty
TZ=Asia/Kathmandu SOURCE_DATE_EPOCH=1 HOME=/nonexistent TMPDIR=/nonexistent CPATH=/nonexistent \
    C_INCLUDE_PATH=/nonexistent "$tool" generate --out variables
same "another time zone, home and temporary directory" variables

mkdir left right
cp -R schemas/people schemas/places left
cp -R schemas/other right
"$tool" generate --schemas left --schemas right --out roots_one
same "two roots" roots_one
"$tool" generate --schemas right --schemas left --out roots_two
same "two roots in another order" roots_two
find "$work/schemas" -name db_models.h | sort -r >list
"$tool" generate --inputs list --out listed
same "a list of files in another order" listed
cp -R schemas linked
ln -s ../linked/people/db_models.h linked/link
"$tool" generate --schemas linked --out links
same "a link to a file" links
if grep -rlF -e "$scratch" generated; then
    fail "a generated file holds a path of this machine"
fi
finish

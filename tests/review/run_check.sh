#!/usr/bin/env bash
# run_check.sh TOOL: what `cleat check` remembers, it remembers by contents: no change of a file, an
# option or what an include could lead to is ever missed, whatever the times of files say.
set -u
. "$(dirname "$0")/../codegen/lib.sh"

export CLEAT_CACHE_DIR=$scratch/cache
cd "$scratch" || exit 1
module schemas/one one things
mkdir -p extra later
printf 'typedef text short_text LENGTH(20);\n' >later/types.h
sed -i 's|#define DATABASE_NAME "one"|#define DATABASE_NAME "one"\n#include <types.h>|; s|text name|short_text name|' \
    schemas/one/db_models.h
options=(-I extra -I later)
expect 0 "generate" "$tool" generate "${options[@]}"

# changed WHAT COMMAND…: after the command, a check that was fine no longer is.
changed() {
    local what=$1
    shift
    expect 0 "$what: before" "$tool" check "${options[@]}"
    "$@"
    expect 1 "$what" "$tool" check "${options[@]}" && kept "$what is seen"
}

# With its old time, as a copy or git may leave it.
same_time() {
    touch -r "$1" "$scratch/time"
    sed -i "$2" "$1"
    touch -r "$scratch/time" "$1"
}

again() {
    expect 0 "generate again" "$tool" generate "${options[@]}"
}

expect 0 "a first check" "$tool" check "${options[@]}"
[ "$(find cache -type f | wc -l)" -eq 1 ] && kept "a check that found nothing is remembered" ||
    fail "no record is kept"
# Without libclang's work the second answer takes a fraction; that it is the record's shows when the
# record lies.
cp -R cache kept
sed -i '1s/./x/' cache/*
expect 0 "a record that does not fit is not used" "$tool" check "${options[@]}"
cmp -s "cache/$(ls kept)" "kept/$(ls kept)" && kept "a record that does not fit is made anew" ||
    fail "the record was not made anew"

changed "a changed column" same_time schemas/one/db_models.h 's/name/nome/'
same_time schemas/one/db_models.h 's/nome/name/'
changed "a changed generated file" same_time generated/sql/one.sql 's/20/21/'
again
changed "a changed header that schemas include" same_time later/types.h 's/20/30/'
same_time later/types.h 's/30/20/'
sed 's/20/40/' later/types.h >extra.h
expect 0 "before a shadow" "$tool" check "${options[@]}"
mv extra.h extra/types.h
expect 1 "a header that shadows another one" "$tool" check "${options[@]}" &&
    kept "a header that shadows another one is seen"
rm extra/types.h
changed "a new module" module schemas/two two others
rm -r schemas/two
changed "a generated file that no run owns" cp generated/one/db_models.cleat.h generated/one/old.h
grep -q 'rm generated/one/old.h' "$scratch/stdout" && kept "the leftover is named" ||
    fail "the leftover is not named"
rm generated/one/old.h
changed "a generated file that is gone" rm generated/README.md
again
# What is printed: a unified diff, and the command that mends it.
same_time generated/sql/one.sql 's/20/21/'
expect 1 "an edited snapshot" "$tool" check "${options[@]}"
says "the command that mends it" 'run: cleat generate'
for line in '^--- generated/sql/one.sql' '^+++ ' '^@@ ' '^-.*21' '^+.*20'; do
    grep -q -e "$line" "$scratch/stdout" || fail "the diff has no line '$line'"
done
kept "the diff and the command are shown"
again
changed "a comment of a header" same_time schemas/one/db_models.h 's|^TABLE|/** What there is. */ TABLE|'
again
expect 0 "before a macro" "$tool" check "${options[@]}"
sed -i 's|^#include <types.h>|&\n#ifdef WIDE\ntypedef text wide_text LENGTH(90);\n#define short_text wide_text\n#endif|' \
    schemas/one/db_models.h
again
expect 0 "a macro that is not defined" "$tool" check "${options[@]}"
expect 1 "a macro of the command line" "$tool" check "${options[@]}" -D WIDE && kept "other options are another check"

# A history: its files are read too.
expect 0 "a first migration" "$tool" migrate new -m first "${options[@]}"
again
step=$(ls schemas/migrations/one/*_first.sql)
cp "$step" "$scratch/step"
changed "an edited migration" same_time "$step" 's/revises: none/revises: none /'
says "a name of what is wrong" '\[edited-migration\]\|\[migration-format\]'
cp "$scratch/step" "$step"
again
changed "a migration that is gone" rm "$step"
cp "$scratch/step" "$step"
again

# Another build of the tool may judge in another way: what this one found fine is nothing to it.
mkdir -p prefix/bin
cp "$tool" prefix/bin/cleat
ln -s "$include" prefix/include
rm cache/*
expect 0 "a tool" prefix/bin/cleat check "${options[@]}"
cp cache/* record
printf x >>prefix/bin/cleat
expect 0 "another tool" prefix/bin/cleat check "${options[@]}"
if cmp -s record cache/*; then fail "another tool trusts the record"; else kept "another tool looks again"; fi

expect 0 "options" "$tool" check "${options[@]}"
expect 1 "another name is another check" "$tool" check --name other "${options[@]}"

expect 0 "--no-cache" "$tool" check --no-cache "${options[@]}"
rm -rf cache
CLEAT_CACHE_DIR='' expect 0 "no cache" "$tool" check "${options[@]}"
[ ! -e cache ] && kept "an empty CLEAT_CACHE_DIR keeps nothing" || fail "a record was written"
CLEAT_CACHE_DIR=/proc/none expect 0 "a cache that cannot be written" "$tool" check "${options[@]}"
finish

#!/bin/sh
# output_directory.sh CLEAT SOURCE_DIR WORK: what a run leaves in its output directory. Unchanged
# files keep their time, files of a removed module go, nobody else's file is touched, and a run that
# fails changes nothing.
set -eu
cleat=$1
source=$2
work=$3
rm -rf "$work"
mkdir -p "$work"
cp -R "$source/schemas" "$work/schemas"
cd "$work"

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

"$cleat" generate
test ! -e generated/extra
touch -d '2001-01-01 00:00:00' generated/init_table.c generated/catalog/db_models.cleat.h
"$cleat" generate
test -z "$(find generated -newermt 2002-01-01 '(' -name init_table.c -o \
    -path '*/catalog/db_models.cleat.h' ')')" || fail "unchanged files keep their time"
echo "kept: unchanged files keep their time"

mkdir -p schemas/extra
cat >schemas/extra/db_models.h <<'TEXT'
#include <cleat/schema.h>
#define DATABASE_NAME "extra"

TABLE(notes) {
    integer id PRIMARY_KEY;
};
TEXT
"$cleat" generate
test -f generated/extra/db_models.cleat.c && test -f generated/sql/extra.sql ||
    fail "a new module has outputs"
echo "mine" >generated/extra/by_hand.c
rm -r schemas/extra
"$cleat" generate
test -f generated/extra/by_hand.c || fail "nobody else's file is touched"
test ! -e generated/extra/db_models.cleat.c && test ! -e generated/sql/extra.sql ||
    fail "the files of a removed module go"
echo "kept: only the files of a removed module go"
rm -r generated/extra
diff -r "$source/generated" generated || fail "the old state is back"

"$cleat" check || fail "check agrees with generate"
echo '/* edited */' >>generated/init_table.c
status=0
"$cleat" check >check.out || status=$?
test "$status" -eq 1 && grep -q '^-.*edited\|^+.*edited' check.out ||
    fail "check shows an edited file and exits 1"
echo "kept: check shows what differs"
"$cleat" generate

cp -R generated before
echo 'TABLE(broken) { integre id PRIMARY_KEY; };' >>schemas/catalog/db_models.h
status=0
"$cleat" generate 2>errors.out || status=$?
test "$status" -eq 1 || fail "an error in a schema exits 1, not $status"
diff -r before generated || fail "a run that fails changes nothing"
echo "kept: a run that fails changes nothing"

# As root every directory can be written to, so a file stands in the way of one.
rm -rf in_the_way
echo "a file" >in_the_way
cp "$source/schemas/catalog/db_models.h" schemas/catalog/db_models.h
status=0
"$cleat" generate --out in_the_way/out 2>errors.out || status=$?
test "$status" -eq 3 || fail "a directory that cannot be made exits 3, not $status"
test -s errors.out || fail "the reason is given"
if [ -w /dev/full ]; then
    status=0
    "$cleat" list >/dev/full 2>errors.out || status=$?
    test "$status" -eq 3 || fail "a full disk behind standard output exits 3, not $status"
fi
echo "kept: a failure of the environment exits 3"
cd /
rm -rf "$work"

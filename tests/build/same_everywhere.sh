#!/bin/sh
# same_everywhere.sh CLEAT SOURCE_DIR WORK: what is generated depends on the schemas alone. Four
# runs, which differ in place, locale, time zone, order of the list and form of the paths, give the
# committed bytes; and none of them holds a path of this machine.
set -eu
cleat=$1
source=$2
work=$3
committed="$source/generated"
rm -rf "$work"
mkdir -p "$work/deep/er" "$work/sp ace"

same() {
    diff -r "$committed" "$2" || {
        echo "FAILED: $1 changes what is generated" >&2
        exit 1
    }
    echo "kept: $1 changes nothing"
}

cp -R "$source/schemas" "$work/sp ace/schemas"
(cd "$work/sp ace" && LC_ALL=C TZ=UTC "$cleat" generate --name app)
same "another place" "$work/sp ace/generated"

(cd "$work/deep/er" && LC_ALL=tr_TR.UTF-8 LANG=C.UTF-8 LC_NUMERIC=de_DE.UTF-8 TZ=Asia/Kathmandu \
    "$cleat" generate --schemas "../../sp ace/schemas" --out ../out)
same "another locale, time zone and relative path" "$work/deep/out"

find "$source/schemas" -name db_models.h | LC_ALL=C sort >"$work/sorted"
LC_ALL=C sort -r "$work/sorted" >"$work/reversed"
(cd / && "$cleat" generate --schemas "$source/schemas" --inputs "$work/reversed" \
    --out "$work/reversed.out")
same "the order of the list" "$work/reversed.out"

(cd "$work" && "$cleat" generate --schemas "$source/schemas/../schemas/" --out second/)
same "a path with .. and /" "$work/second"

if grep -rlF -e "$source" -e "$work" "$work/second"; then
    echo "FAILED: a generated file holds a path of this machine" >&2
    exit 1
fi
rm -rf "$work"

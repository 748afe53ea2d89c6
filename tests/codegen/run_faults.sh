#!/usr/bin/env bash
# run_faults.sh TOOL: what the tool does when the environment or the command line is wrong. Whatever
# happens, the old files stay whole or the new ones are complete, the reason is on standard error,
# and the exit status is 2 for the command line and 3 for the environment.
#
# Parts that need another user or a small disk are passed over when this is not root; the script
# then ends with 77, so that a runner shows it as skipped, if nothing else failed.
set -u
. "$(dirname "$0")/lib.sh"

skipped=0
work=$scratch/work
mkdir -p "$scratch/base"
cp -R "$here/stability/schemas" "$scratch/base"
cd "$scratch/base" || exit 1
expect 0 "the base" "$tool" generate || finish

skip() {
    printf '\n==== SKIPPED: %s ====\n\n' "$*" >&2
    skipped=$((skipped + 1))
}

reset() {
    rm -rf "$work"
    cp -Rp "$scratch/base" "$work"
    cd "$work" || exit 1
}

# A change that all kinds of generated files show.
change_schema() {
    printf '\nTABLE(added) {\n    integer id PRIMARY_KEY;\n};\n' >>schemas/people/db_models.h
    module schemas/added third things
}

# untouched WHAT: generated/ is what it was, and nothing lies beside it.
untouched() {
    diff -rq "$scratch/base/generated" generated >&2 || {
        fail "$1: generated/ is not what it was"
        return 1
    }
}

# refuses STATUS WHAT PATTERN COMMAND…: the status, the reason, and the old files.
refuses() {
    local status=$1 what=$2 pattern=$3
    shift 3
    expect "$status" "$what" "$@" && says "$what" "$pattern" && untouched "$what" && kept "$what"
}

# As nobody, from a place that nobody may enter.
other_user() {
    setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent "$@"
}

can_be_other_user=false
if [ "$(id -u)" -eq 0 ] && setpriv --reuid=65534 --regid=65534 --clear-groups true 2>/dev/null; then
    can_be_other_user=true
fi

# ---- the command line ----

reset
change_schema
refuses 2 "no command" 'Usage: cleat' "$tool"
refuses 2 "an unknown command" "no command 'generat'" "$tool" generat
refuses 2 "an unknown option" 'Unknown option --scheams' "$tool" generate --scheams x
refuses 2 "an option without its value" 'Missing argument' "$tool" generate --out
refuses 2 "an argument too many" "takes no argument 'extra'" "$tool" generate extra
refuses 2 "an argument of check" "takes no argument 'x'" "$tool" check x
refuses 2 "an argument of list" "takes no argument 'x'" "$tool" list x
refuses 2 "an argument of version" 'cleat version --help' "$tool" version x
refuses 2 "explain without a rule" 'cleat explain --help' "$tool" explain
refuses 2 "explain says what it wants" 'Usage: cleat explain .* RULE' "$tool" explain
refuses 2 "explain with two rules" 'cleat explain --help' "$tool" explain unknown-word name-form
refuses 2 "explain with an unknown rule" "did you mean 'unknown-word'" "$tool" explain unknwon-word
for name in '' '1a' 'a-b' 'a b' 'ä' 'a;b' '_a'; do
    refuses 2 "--name '$name'" 'cannot begin a C name' "$tool" generate --name "$name"
done
refuses 1 "a default database that is none" "no database 'x'" "$tool" generate --default-database x
for command in generate check explain list version; do
    expect 0 "$command --help" "$tool" "$command" --help
    grep -q 'Example' "$scratch/stdout" || fail "$command --help shows no example"
done
expect 0 "--help" "$tool" --help
expect 0 "--version" "$tool" --version

# ---- what is read ----

reset
rm -r schemas
refuses 3 "no schemas" 'no directory schemas; --schemas names' "$tool" generate
mkdir schemas
refuses 3 "schemas without a module" 'no db_models.h below schemas' "$tool" generate
refuses 3 "a root that is no directory" 'README' "$tool" generate --schemas generated/README.md
refuses 3 "a root that does not exist" 'nowhere' "$tool" generate --schemas nowhere
reset
mkdir schemas/odd schemas/odd/db_models.h
refuses 3 "a schema that is a directory" 'db_models.h' "$tool" generate
rmdir schemas/odd/db_models.h
ln -s nowhere schemas/odd/db_models.h
refuses 3 "a schema that is a broken link" 'db_models.h' "$tool" generate
rm schemas/odd/db_models.h
ln -s db_models.h schemas/odd/db_models.h
refuses 3 "a schema that is a link to itself" 'db_models.h' "$tool" generate
reset
ln -s ../schemas schemas/loop
expect 0 "a link to a directory above" "$tool" generate &&
    untouched "a link to a directory above" &&
    kept "a link to a directory is not followed"
reset
cp schemas/people/db_models.h schemas/db_models.h
refuses 3 "a schema in the root itself" 'a module is a directory below a root' "$tool" generate
reset
cp -R schemas again
refuses 3 "the same module below two roots" 'exists twice' "$tool" generate --schemas schemas \
    --schemas again

# ---- lists of files ----

reset
find schemas -name db_models.h >list
expect 0 "a list" "$tool" generate --inputs list && untouched "a list" && kept "a list of files"
{ cat list && echo /etc/db_models.h; } >longer
refuses 3 "a listed file outside of the roots" "not below any --schemas" "$tool" generate \
    --inputs longer
{ cat list && echo schemas/../../elsewhere/db_models.h; } >longer
refuses 3 "a listed file outside of the roots, by .." "not below any --schemas" "$tool" generate \
    --inputs longer
{ cat list && echo schemas/nowhere/db_models.h; } >longer
refuses 3 "a listed file that does not exist" 'nowhere/db_models.h' "$tool" generate --inputs longer
{ cat list && head -1 list; } >longer
refuses 3 "a file that is listed twice" 'exists twice' "$tool" generate --inputs longer
refuses 3 "no list" 'nowhere.txt' "$tool" generate --inputs nowhere.txt
sed 's/$/\r/; a\\' list >odd
expect 0 "a list with blank lines and \\r" "$tool" generate --inputs odd && untouched "an odd list"

# ---- depfile and stamp ----

mkdir -p "$scratch/sp ace/in\$clude#d" "$scratch/sp ace/schemas/m"
cd "$scratch/sp ace" || exit 1
printf 'enum shared { SHARED_ONE, SHARED_TWO };\n' >'in$clude#d/sha red.h'
printf '#include <cleat/schema.h>\n#include "../../in$clude#d/sha red.h"\n%s\n' \
    '#define DATABASE_NAME "m"
TABLE(t) { integer id PRIMARY_KEY; enum shared s; };' >schemas/m/db_models.h
expect 0 "paths with blanks" "$tool" generate --depfile 'dep file' --stamp 'sta#mp'
[ -e 'sta#mp' ] || fail "--stamp makes a file"
grep -q '^sta\\#mp: \\$' 'dep file' || fail "the depfile begins with the stamp"
grep -q 'in\$\$clude\\#d/sha\\ red\.h' 'dep file' ||
    fail "the depfile names what is included, for make"
grep -q 'cleat/schema\.h' 'dep file' || fail "the depfile names <cleat/schema.h>"
if grep -q 'm/db_models\.h' 'dep file'; then
    fail "the depfile names the schemas, which the build itself names"
fi
if command -v make >/dev/null; then
    cp 'dep file' depfile.d
    printf 'all: sta\\#mp\n-include depfile.d\nsta\\#mp:\n\ttouch "$@"\n\techo made\n' >Makefile
    make -s all >/dev/null 2>&1
    [ "$(make -s all 2>&1)" = '' ] || fail "make reads the depfile, and nothing is to be done"
    touch -d '+1 minute' 'in$clude#d/sha red.h'
    [ "$(make -s all 2>/dev/null)" = made ] || fail "make sees that an included file changed"
fi
rm -f 'dep file' 'sta#mp'
printf 'TABLE(x) { int id; };\n' >>schemas/m/db_models.h
expect 1 "an error" "$tool" generate --depfile 'dep file' --stamp 'sta#mp'
[ ! -e 'dep file' ] && [ ! -e 'sta#mp' ] || fail "an error leaves neither depfile nor stamp"
kept "depfile and stamp"
reset
refuses 3 "a stamp that cannot be written" 'nowhere' "$tool" generate --stamp nowhere/stamp
refuses 3 "a depfile that cannot be written" 'nowhere' "$tool" generate --depfile nowhere/depfile

# ---- what is written ----

reset
refuses 3 "an output path that is a file" 'db_models.h' "$tool" generate \
    --out schemas/people/db_models.h
refuses 3 "an output path below a file" 'db_models.h' "$tool" generate \
    --out schemas/people/db_models.h/out
ln -s nowhere/at/all broken
refuses 3 "an output path that is a broken link" 'broken' "$tool" generate --out broken
refuses 3 "an output path that cannot be made" 'proc' "$tool" generate --out /proc/cleat

reset
change_schema
echo 'mine' >generated/sql/third.sql
cp -Rp generated before
expect 3 "a hand-written file in the way" "$tool" generate
says "a hand-written file in the way" 'third.sql exists and was not generated by cleat'
diff -rq before generated &&
    kept "a hand-written file in the way is refused, and nothing is touched"
rm generated/sql/third.sql
mkdir generated/sql/third.sql
expect 3 "a directory in the way" "$tool" generate
says "a directory in the way" 'third.sql'
rmdir generated/sql/third.sql
untouched "a directory in the way" && kept "a directory in the way is refused"
expect 0 "when it is gone" "$tool" generate
"$tool" check >/dev/null || fail "a run after a refusal is complete"

reset
change_schema
expect 0 "a module" "$tool" generate
echo 'mine' >generated/added/notes.txt
echo '/* Generated by another program. */' >generated/added/other.c
mkdir -p generated/added/deeper
rm -r schemas/added
expect 0 "the module goes" "$tool" generate
left=$(cd generated/added && find . | LC_ALL=C sort | tr '\n' ' ')
[ "$left" = '. ./deeper ./notes.txt ./other.c ' ] ||
    fail "only the files of a module go with it, but there is: $left"
[ ! -e generated/sql/third.sql ] || fail "the snapshot of a database that is gone is still there"
kept "the files of a module go with it, and nobody else's"

reset
printf '../outside.c\n/etc/outside.c\npeople/../../outside.c\n' >>generated/.cleat-manifest
printf '/* Generated by cleat */\n' >outside.c
expect 0 "a manifest that names files outside" "$tool" generate
[ -e outside.c ] && kept "a manifest cannot make the tool remove files outside of its directory"
reset
printf '\000\377 garbage\n' >generated/.cleat-manifest
cp -Rp generated before
expect 3 "a manifest that is garbage" "$tool" generate &&
    says "a manifest that is garbage" 'manifest' &&
    diff -rq before generated && kept "a manifest that is garbage is refused"
reset
rm -r generated
ln -s elsewhere generated
mkdir elsewhere
expect 0 "an output directory that is a link" "$tool" generate &&
    diff -r "$scratch/base/generated" elsewhere && kept "an output directory may be a link"
reset
rm generated/init_table.c
ln -s ../victim generated/init_table.c
echo 'mine' >victim
"$tool" generate >/dev/null 2>&1
[ "$(cat victim)" = mine ] && kept "a link in the way does not lead to another file"
reset
change_schema
ln -s ../../victim generated/people/db_models.cleat.c.cleat-new
echo 'mine' >victim
expect 0 "a link where the new file is written" "$tool" generate
[ "$(cat victim)" = mine ] && kept "a link beside does not lead to another file"

# ---- standard output ----

if [ -w /dev/full ]; then
    reset
    echo '/* edited */' >>generated/init_table.c
    for command in list check version 'explain --list' 'explain name-form' --help --version \
        'generate --help'; do
        # shellcheck disable=SC2086
        status=0
        # shellcheck disable=SC2086
        "$tool" $command >/dev/full 2>"$scratch/stderr" || status=$?
        [ "$status" -eq 3 ] || fail "cleat $command >/dev/full: exit status $status instead of 3"
        says "cleat $command >/dev/full" 'standard output'
    done
    kept "a full disk behind standard output"
else
    skip "no /dev/full here"
fi

# ---- rights ----

if $can_be_other_user; then
    reset
    change_schema
    chmod 711 "$scratch"
    chmod -R a+rX .
    chmod -R go-w generated
    refuses 3 "an output directory that is read-only" 'generated' other_user "$tool" generate
    expect 1 "check needs no right to write" other_user "$tool" check
    chmod 000 schemas/places/db_models.h
    refuses 3 "a schema that cannot be read" 'places/db_models.h' other_user "$tool" generate
    chmod 644 schemas/places/db_models.h
    chmod 000 schemas/other/deep
    refuses 3 "a directory that cannot be read" 'other/deep' other_user "$tool" generate
    chmod 711 schemas/other/deep
    refuses 3 "a directory that can be entered and not read" 'other/deep' other_user "$tool" \
        generate
    chmod 755 schemas/other/deep
    chmod 000 generated/init_table.c
    expect 3 "an old file that cannot be read" other_user "$tool" check
    chmod 644 generated/init_table.c
    chmod -R a+rwX generated
    chmod 555 generated/sql
    refuses 3 "one directory that is read-only" 'sql' other_user "$tool" generate
else
    skip "unreadable and read-only directories need root and setpriv"
fi

# ---- a full disk ----

disk=$scratch/disk
mkdir -p "$disk"
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=512k tmpfs "$disk" 2>/dev/null; then
    trap 'umount "$disk"; rm -rf "$scratch"' EXIT
    reset
    change_schema
    for i in $(seq 1 30); do
        printf 'TABLE(more_%d) {\n    integer id PRIMARY_KEY;\n};\n' "$i"
    done >>schemas/people/db_models.h
    for free in 80 60 40 20 12 8 4 0; do
        rm -rf "${disk:?}"/*
        cp -R "$scratch/base/generated" "$disk"
        room=$(($(df --output=avail -k "$disk" | tail -1) - free))
        head -c "$((room * 1024))" /dev/zero >"$disk/fill" 2>/dev/null
        expect 3 "a disk with $free KB" "$tool" generate --out "$disk/generated" || continue
        says "a disk with $free KB" 'No space left on device'
        diff -rq "$scratch/base/generated" "$disk/generated" >&2 ||
            fail "a disk with $free KB: the old files changed, or new ones lie beside them"
    done
    rm -f "$disk/fill"
    expect 0 "a disk with room again" "$tool" generate --out "$disk/generated"
    "$tool" check --out "$disk/generated" >/dev/null || fail "a run with room again is complete"
    kept "a full disk leaves the old files whole"
    umount "$disk"
    trap 'rm -rf "$scratch"' EXIT
else
    skip "a full disk needs root and the right to mount a tmpfs"
fi

# A limit on the size of a file ends a write in the middle, for everybody.
reset
change_schema
refuses 3 "a limit on the size of files" 'too large' bash -c \
    'trap "" XFSZ; ulimit -f 4; exec "$0" generate' "$tool"

# ---- killed, and two at once ----

reset
change_schema
"$tool" generate --out complete
# Files that both have, by their old and new text.
old_or_new() {
    local path
    (cd generated && find . -type f ! -name '*.cleat-new') | while IFS= read -r path; do
        cmp -s "generated/$path" "complete/$path" ||
            cmp -s "generated/$path" "$scratch/base/generated/$path" || echo "$path"
    done
}
kills=0
for i in $(seq 1 30); do
    rm -rf generated
    cp -Rp "$scratch/base/generated" generated
    "$tool" generate 2>/dev/null &
    pid=$!
    sleep "0.0$(printf '%02d' $((i * 3 % 90)))"
    kill -KILL "$pid" 2>/dev/null && kills=$((kills + 1))
    { wait "$pid"; } 2>/dev/null
    torn=$(old_or_new)
    [ -z "$torn" ] || fail "killed: neither old nor new: $torn"
    expect 0 "a run after a kill" "$tool" generate
    diff -rq complete generated >&2 ||
        fail "a run after a kill does not repair all, or leaves files"
done
kept "killed $kills times of 30: every file is old or new, and the next run repairs"

# The same at each system call that changes a file, where the moment is not left to chance.
for at in 1 2 3 5 8 10 12 14 15 16 17 18 20 24; do
    command -v strace >/dev/null || break
    rm -rf generated
    cp -Rp "$scratch/base/generated" generated
    (strace -f -o /dev/null -e trace=rename,renameat,renameat2,unlink \
        -e "inject=rename,renameat,renameat2,unlink:signal=KILL:when=$at" "$tool" generate
    true) >/dev/null 2>&1
    torn=$(old_or_new)
    [ -z "$torn" ] || fail "killed at call $at: neither old nor new: $torn"
    expect 0 "a run after a kill at call $at" "$tool" generate
    diff -rq complete generated >&2 || fail "a run after a kill at call $at does not repair all"
done

for i in 1 2 3 4 5; do
    rm -rf generated
    cp -Rp "$scratch/base/generated" generated
    "$tool" generate 2>"$scratch/first" &
    first=$!
    "$tool" generate 2>"$scratch/second" &
    second=$!
    statuses=
    wait "$first" || statuses="$statuses $?"
    wait "$second" || statuses="$statuses $?"
    for status in $statuses; do
        [ "$status" -eq 3 ] || fail "two at once: exit status $status"
    done
    torn=$(old_or_new)
    [ -z "$torn" ] || fail "two at once: neither old nor new: $torn"
    expect 0 "a run after two at once" "$tool" generate
    diff -rq complete generated >&2 || fail "two at once: a further run does not repair all"
done
kept "two runs at once: every file is whole"

if [ "$failures" -eq 0 ] && [ "$skipped" -gt 0 ]; then
    exit 77
fi
finish

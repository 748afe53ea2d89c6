#!/usr/bin/env bash
# run_hostile.sh TOOL: schemas with texts and names that would break out of C, SQL or Markdown if
# they were only copied. For each the tool either generates correct code (it compiles with every
# compiler without a warning, its snapshots run, it holds no character that is not seen) or refuses
# with an error that has a place, and writes nothing.
#
# hostile/<case>/schemas are good. hostile/*.txt has an argument per line, of DEFAULT, of NAMED and
# of CHECK_ROW. The rest is made here, because an editor or git would mend it.
set -u
. "$(dirname "$0")/lib.sh"

PLACE=':[0-9][0-9]*:[0-9][0-9]*: error: .* \[[a-z-]*\]$'
UNSEEN='[\x00-\x08\x0b-\x1f\x7f\x{80}-\x{9f}\x{ad}\x{61c}\x{200b}-\x{200f}\x{2028}-\x{202e}]'
UNSEEN=$UNSEEN'|[\x{2060}-\x{206f}\x{feff}]'

# clean WHAT DIRECTORY: UTF-8, and nothing that is not seen except blanks and newlines. A snapshot
# may hold such characters inside of a text, whose bytes count.
clean() {
    local file
    while IFS= read -r file; do
        iconv -f UTF-8 -t UTF-8 "$file" >/dev/null 2>&1 || fail "$1: $file is not UTF-8"
    done < <(find "$2" -type f)
    if grep -rlP --include='*.c' --include='*.h' --include='*.md' "$UNSEEN" "$2"; then
        fail "$1: a generated file holds characters that are not seen"
    fi
}

judge_good() {
    local what=$1 before=$failures
    compiles_everywhere "$what" out
    snapshots_run "$what" out
    clean "$what" out
    [ "$failures" -gt "$before" ] || kept "$what"
}

judge_refused() {
    local what=$1
    says "$what" "$PLACE" || return
    if [ -e out ]; then
        fail "$what: something was written"
    else
        kept "$what is refused"
    fi
}

good() {
    rm -rf out
    expect 0 "$1" "$tool" generate --out out && judge_good "$1"
}

refused() {
    rm -rf out
    expect 1 "$1" "$tool" generate --out out && judge_refused "$1"
}

# Which of the two is left to the tool.
safe() {
    local status=0
    rm -rf out
    timeout 20 "$tool" generate --out out >"$scratch/stdout" 2>"$scratch/stderr" || status=$?
    case $status in
    0) judge_good "$1" ;;
    1) judge_refused "$1" ;;
    *) fail "$1: exit status $status" ;;
    esac
}

# The same for one of many: the first compiler will do.
safe_quickly() {
    local status=0
    rm -rf out
    "$tool" generate --out out >"$scratch/stdout" 2>"$scratch/stderr" || status=$?
    case $status in
    0)
        # shellcheck disable=SC2086
        compiles "$1" out "$compiler" -x c -std=c11 $warnings -fsyntax-only
        snapshots_run "$1" out
        ;;
    1) judge_refused "$1" >/dev/null ;;
    *) fail "$1: exit status $status" ;;
    esac
}

compiler=$(command -v gcc || command -v clang)

# schema: standard input is the inside of a table.
schema() {
    rm -rf schemas
    mkdir -p schemas/m
    {
        printf '#include <cleat/schema.h>\n#define DATABASE_NAME "m"\n\n%b' "${1-}"
        printf 'TABLE(t) {\n    integer id PRIMARY_KEY;\n'
        cat
        printf '};\n'
    } >schemas/m/db_models.h
}

repeat() {
    head -c "$2" /dev/zero | sed "s/\x00/$1/g"
}

# ---- the good ones ----

for directory in "$here"/hostile/*/; do
    name=$(basename "$directory")
    mkdir -p "$scratch/$name"
    cp -R "$directory/schemas" "$scratch/$name"
    cd "$scratch/$name" || exit 1
    good "$name"
done

cd "$scratch/defaults" || exit 1
# shellcheck disable=SC2086
if "$compiler" -std=c11 $warnings -Iout -I"$include" "$here/hostile/round_trip.c" \
    out/init_table.c out/defaults/db_models.cleat.c -lsqlite3 -o round_trip; then
    for snapshot in '' out/sql/defaults.sql; do
        # shellcheck disable=SC2086
        if ./round_trip $snapshot; then
            kept "defaults are the same in SQL and in C${snapshot:+, read from the snapshot}"
        else
            fail "defaults differ between SQL and C ${snapshot}"
        fi
    done
else
    fail "round_trip.c does not compile"
fi

# ---- bytes ----

mkdir "$scratch/bytes"
cd "$scratch/bytes" || exit 1
printf '    text a; ///< zero \000 byte\n' | schema
refused "a zero byte in a comment"
printf '    text a DEFAULT("zero \000 byte");\n' | schema
refused "a zero byte in a text"
printf '    text a; ///< latin \344\366\374 and broken \342\200 and \377\376\n' | schema
safe "a comment that is not UTF-8"
printf '    text a DEFAULT("latin \344");\n' | schema
safe "a default that is not UTF-8"
printf '    text a NAMED("latin \344");\n' | schema
safe "a name that is not UTF-8"
printf '    text a CHECK(a <> '"'"'\344'"'"');\n' | schema
safe "an expression that is not UTF-8"
printf '    text a; ///< \342\200\256 over \342\201\246 ride \342\200\213 \357\273\277 mark\n' |
    schema
good "marks of direction in a comment"
printf '    text a CHECK(a <> '"'"'\342\200\256'"'"'); /*\342\200\256*/\n' | schema
safe "marks of direction in an expression"
printf '    text a NAMED("\342\200\256x\342\200\213");\n' | schema
safe "marks of direction in a name"
printf '    text \303\244;\n' | schema
refused "a column with a letter that C takes and SQL would not"
printf '    text a; ///< form \f feed, \v tab, \033[31m colour, \a bell, \302\205 next\n' | schema
good "control characters in a comment"
schema <<'TEXT'
    text a; /// \
    text b;
    text c; ///< spliced \
    more of it
    text d;
TEXT
good "comments that go on behind a backslash"

# ---- texts ----

mkdir "$scratch/words"
cd "$scratch/words" || exit 1
echo '    text a DEFAULT(char(97, 0, 98));' | schema
refused "a default with a zero byte"
echo "    text a DEFAULT(CAST(X'ff' AS TEXT));" | schema
refused "a default that SQLite calls a text and is none"
echo '    integer parentREFERENCES(t, id);' | schema
refused "a word without a blank before it"
echo '    integer parent (t);' | schema
refused "a column with parentheses"
echo '}; enum open { OPEN_A' | schema
sed -i '$d' schemas/m/db_models.h
refused "an enum that is not closed"

mkdir "$scratch/texts"
cd "$scratch/texts" || exit 1
before=$failures
while IFS= read -r default; do
    for type in text blob integer real json; do
        printf '    %s a DEFAULT(%s);\n' "$type" "$default" | schema
        safe_quickly "$type DEFAULT($default)"
    done
done <"$here/hostile/default_arguments.txt"
[ "$failures" -gt "$before" ] || kept "defaults of all kinds for columns of all kinds"
before=$failures
while IFS= read -r name; do
    printf '    text a NAMED(%s) UNIQUE LENGTH(3) CHECK(1) DEFAULT("x");\n' "$name" | schema
    safe_quickly "NAMED($name)"
done <"$here/hostile/named_arguments.txt"
[ "$failures" -gt "$before" ] || kept "names of all kinds in SQL"
before=$failures
while IFS= read -r check; do
    {
        printf '    text a;\n    text b GENERATED(%s);\n' "$check"
        printf '    CHECK_ROW(%s);\n    INDEX_ON(lower(a)) WHERE(%s);\n' "$check" "$check"
    } | schema
    safe_quickly "an expression ($check)"
done <"$here/hostile/expressions.txt"
[ "$failures" -gt "$before" ] || kept "expressions of all kinds"

# ---- sizes ----

mkdir "$scratch/sizes"
cd "$scratch/sizes" || exit 1
{ printf '    text a; ///< '; repeat 'x' 100000; printf '\n'; } | schema
good "a comment of 100 KB in a line"
{ printf '    /** '; repeat '* \/* \\n' 20000; printf '*/\n    text a;\n'; } | schema
good "a comment of 20000 lines"
{ printf '    text a DEFAULT("'; repeat 'y' 100000; printf '");\n'; } | schema
good "a default of 100 KB"
{ printf '    text a CHECK(a <> '"'"; repeat 'z' 100000; printf "'"');\n'; } | schema
good "an expression of 100 KB"
for depth in 50 5000 100000; do
    { printf '    integer a CHECK(' && repeat '(' "$depth" && printf 1 && repeat ')' "$depth" &&
        printf ');\n'; } | schema
    safe "$depth parentheses"
done
{ printf '    text a LENGTH(' && repeat '(' 100000 && printf 1 && repeat ')' 100000 &&
    printf ');\n'; } | schema
safe "100000 parentheses around a length"
{ printf '    text a LENGTH('; repeat '-' 100001; printf '1);\n'; } | schema
safe "100000 signs before a length"
for i in $(seq 1 299); do printf '    integer c%d; ///< number %d\n' "$i" "$i"; done | schema
good "300 columns"
long=$(repeat l 63)
printf '    integer %s UNIQUE;\n    text b;\n    INDEX_ON(%s, b);\n' "$long" "$long" | schema
sed -i "s/TABLE(t)/TABLE($long)/; s/\"m\"/\"$long\"/" schemas/m/db_models.h
good "names of 63 characters"
for count in 500 2000; do
    { printf 'enum e {\n'; seq -f '    E_%.0f,' 1 "$count"; printf '};\n'; } >enum
    printf '    enum e a;\n' | schema "$(cat enum)\n"
    safe "an enum of $count labels"
done

# ---- directories ----

# A module's path is part of comments, includes and names.
number=0
for name in 'a*' 'sp ace' 'what??' "quo'te" 'per%cent' 'do$llar' 'ha#sh' 'at@p@' 'größe' \
    'a..b' '-o' 'a,b' \
    'a(b' '[x](y)' '<b>' 'back`tick' 'a|b' 'semi;colon' 'a_b' 'a__b' 'A_B' 'x2a' '**' '/*' \
    'quo"te' 'back\slash' \
    $'new\nline' $'bi\342\200\256di' $'no\377utf' $'tab\t' 'a\'; do
    number=$((number + 1))
    directory=$scratch/directories/$number
    mkdir -p "$directory"
    cd "$directory" || exit 1
    module "schemas/$name/m" m things
    status=0
    "$tool" generate --out out >"$scratch/stdout" 2>"$scratch/stderr" || status=$?
    if [ "$status" -ne 3 ]; then
        safe "a directory named $name"
    elif says "a directory named $name" 'db_models.h: no #include line'; then
        [ ! -e out ] || fail "a directory named $name: something was written"
        kept "a directory named $name is refused"
    fi
done
finish

#!/usr/bin/env bash
# run_lint.sh TOOL: what a project says about lint: by path in lint.conf, whose faults are errors, and
# in comments. What the rules find is shown by the cases in bad/.
set -u
. "$(dirname "$0")/lib.sh"
cd "$scratch" || exit 1

# Warnings of one rule by module: counts PATTERN
counts() {
    grep -c -e "$1" "$scratch/stderr"
}

# table DIRECTORY DATABASE: a table with a key that lint warns of.
table() {
    mkdir -p "$1"
    printf '#include <cleat/schema.h>\n#define DATABASE_NAME "%s"\n\n' "$2" >"$1/db_models.h"
    printf 'TABLE(notes) {\n    text name PRIMARY_KEY;%s\n};\n' "${3-}" >>"$1/db_models.h"
}

table one/new/a a
table one/old/b b
table two/old/c c

expect 1 'without lint.conf' "$tool" lint -s one -s two
[ "$(counts 'key-unbounded')" = 3 ] || fail 'every module is looked at'

printf '[old*]\nkey-unbounded = off\n' >one/lint.conf
expect 1 'off for a path' "$tool" lint -s one -s two
[ "$(counts 'one/new/a/.*key-unbounded')" = 1 ] || fail 'the others are still looked at'
[ "$(counts 'old')" = 0 ] || fail 'a pattern holds for the modules of every root'

printf '[*]\nkey-unbounded = off\n[old/c]\nkey-unbounded = on\n' >one/lint.conf
expect 1 'later groups win' "$tool" lint -s one -s two
[ "$(counts 'key-unbounded')" = 1 ] || fail 'only old/c is left'

printf '[*]\nkey-unbounded = off\n' >one/lint.conf
expect 0 'nothing is left' "$tool" lint -s one -s two
[ ! -s "$scratch/stderr" ] || fail 'silence when there is nothing to say'

printf '[*]\nkey-unbound = off\n' >one/lint.conf
expect 3 'a rule that does not exist' "$tool" lint -s one &&
    says 'a rule that does not exist' "one/lint.conf: .*did you mean 'key-unbounded'?"
printf '[*]\nkey-unbounded = of\n' >one/lint.conf
expect 3 'a value that is none' "$tool" lint -s one && says 'its name' 'neither on nor off'
printf 'key-unbounded = off\n' >one/lint.conf
expect 3 'no group' "$tool" lint -s one && says 'the file' 'one/lint.conf'
rm one/lint.conf

table one/new/a a '  // lint: allow key-unbounded: names are short'
expect 1 'a comment' "$tool" lint -s one
[ "$(counts 'one/new/a')" = 0 ] || fail 'a comment allows what is on its line'
[ "$(counts 'one/old/b')" = 1 ] || fail 'a comment allows nothing elsewhere'

expect 0 'generate takes no advice' "$tool" generate -s one --out out
finish

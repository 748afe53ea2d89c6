#!/usr/bin/env bash
# run_bad.sh: every rule of the tool, shown by a schema that breaks it and nothing else.
#
# bad/<rule>/ (or bad/<rule>.<variant>/) holds schemas/ and expected.txt: what `cleat generate`,
# run in that directory, prints on standard error; a file `command` names another command, which
# then finds the generated files up to date. It must exit with 1, print nothing else and write
# nothing. A rule without a case fails, and so does a case without a rule.
#
# Usage: run_bad.sh TOOL [--update] [CASE…]
set -euo pipefail
export LC_ALL=C.UTF-8 NO_COLOR=1

if [ $# -lt 1 ]; then
    echo "usage: run_bad.sh TOOL [--update] [CASE...]" >&2
    exit 2
fi
tool=$(realpath "$1")
shift
update=false
if [ "${1-}" = --update ]; then
    update=true
    shift
fi
bad=$(cd "$(dirname "${BASH_SOURCE[0]}")/bad" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0
runs=0

fail() {
    printf 'not ok %s: %s\n' "$1" "$2"
    failures=$((failures + 1))
}

run_case() {
    local name=$1 rule=${1%%.*} status=0 faults=0
    runs=$((runs + 1))
    if ! grep -qx -- "$rule" "$scratch/rules"; then
        fail "$name" "there is no rule $rule"
        return
    fi
    local command=(generate --depfile "$scratch/depfile")
    if [ -f "$bad/$name/command" ]; then
        read -ra command <"$bad/$name/command"
        (cd "$bad/$name" && "$tool" generate --out "$scratch/out")
    fi
    (cd "$bad/$name" && "$tool" "${command[@]}" --out "$scratch/out") \
        >"$scratch/stdout" 2>"$scratch/stderr" || status=$?
    if [ -f "$bad/$name/command" ]; then
        rm -rf "$scratch/out"
    fi
    if $update; then
        cp "$scratch/stderr" "$bad/$name/expected.txt"
    elif [ ! -f "$bad/$name/expected.txt" ]; then
        fail "$name" "expected.txt is missing; write it with --update"
        return
    elif ! diff -u --label "$name/expected.txt" --label "$name: printed" \
        "$bad/$name/expected.txt" "$scratch/stderr"; then
        faults=1
        fail "$name" "other messages than expected"
    fi
    [ "$status" -eq 1 ] || { faults=1; fail "$name" "exit status $status instead of 1"; }
    [ ! -s "$scratch/stdout" ] || { faults=1; fail "$name" "something on standard output"; }
    if [ -e "$scratch/out" ] || [ -e "$scratch/depfile" ]; then
        faults=1
        fail "$name" "something was written"
        rm -rf "$scratch/out" "$scratch/depfile"
    fi
    if ! grep -Eq " (error|warning): .*\[$rule\]$" "$scratch/stderr"; then
        faults=1
        fail "$name" "the rule is not reported"
    fi
    if grep -E " (error|warning): " "$scratch/stderr" | grep -v "\[$rule\]$"; then
        faults=1
        fail "$name" "another rule is reported too"
    fi
    [ "$faults" -gt 0 ] || printf 'ok %s\n' "$name"
}

"$tool" explain --list >"$scratch/rules"
if [ $# -gt 0 ]; then
    for name in "$@"; do
        run_case "$name"
    done
else
    for directory in "$bad"/*/; do
        run_case "$(basename "$directory")"
    done
    while read -r rule; do
        if ! compgen -G "$bad/$rule" >/dev/null && ! compgen -G "$bad/$rule.*" >/dev/null; then
            fail "$rule" "the rule has no case in tests/codegen/bad"
        fi
        "$tool" explain "$rule" >"$scratch/stdout" || fail "$rule" "no explanation"
    done <"$scratch/rules"
fi
printf '%d cases, %d failures\n' "$runs" "$failures"
[ "$failures" -eq 0 ]

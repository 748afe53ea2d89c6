# lib.sh: what the scripts beside it share. Sourced with the tool as $1; works in a directory of its own,
# which goes when the script ends. The first failure ends it.
set -euo pipefail
export LC_ALL=C.UTF-8 NO_COLOR=1 CLEAT_CACHE_DIR=
tool=$(realpath "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

# expect STATUS WORDS COMMAND…
expect() {
    local wanted=$1 words=$2 status=0
    shift 2
    "$@" >out.txt 2>&1 || status=$?
    [ "$status" = "$wanted" ] || { cat out.txt >&2; fail "$* ended with $status, not $wanted"; }
    grep -q -- "$words" out.txt || { cat out.txt >&2; fail "$* does not say: $words"; }
}

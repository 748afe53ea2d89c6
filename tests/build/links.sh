#!/bin/sh
# links.sh SOURCE_DIR: every relative link of every Markdown file leads to a file or directory, and
# every `#part` of one to a heading.
set -eu
cd "$1"
failed=0

# The anchors that code hosts make of a file's headings.
anchors() {
    grep -E '^#+ ' "$1" | sed -E 's/^#+ +//; s/[`*]//g' | tr '[:upper:]' '[:lower:]' |
        sed -E 's/[^a-z0-9 _-]//g; s/ /-/g'
}

check_link() {
    file=$1
    link=$2
    path=${link%%#*}
    if [ -n "$path" ]; then
        target=$(dirname "$file")/$path
    else
        target=$file
    fi
    if [ ! -e "$target" ]; then
        echo "FAILED: $file: $link leads nowhere" >&2
        failed=1
        return
    fi
    case "$link" in
    *.md#* | '#'*)
        if ! anchors "$target" | grep -qxF -e "${link#*#}"; then
            echo "FAILED: $file: $link has no such heading" >&2
            failed=1
        fi
        ;;
    esac
}

find . -name '*.md' ! -path './build/*' ! -path './.git/*' | LC_ALL=C sort >"${TMPDIR:-/tmp}/links.$$"
trap 'rm -f "${TMPDIR:-/tmp}/links.$$"' EXIT
while read -r file; do
    for link in $(sed '/^```/,/^```/d' "$file" | grep -oE '\]\([^) ]+\)' | sed 's/^](//; s/)$//'); do
        case "$link" in
        *://* | mailto:*) ;;
        *) check_link "$file" "$link" ;;
        esac
    done
done <"${TMPDIR:-/tmp}/links.$$"
exit "$failed"

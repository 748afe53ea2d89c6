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

# The targets of a file's links, without those in its examples.
links() {
    sed '/^```/,/^```/d' "$1" | grep -oE '\]\([^) ]+\)' | sed 's/^](//; s/)$//'
}

list=$(mktemp)
trap 'rm -f "$list"' EXIT
find . -name '*.md' ! -path './build/*' ! -path './.git/*' | LC_ALL=C sort >"$list"
while read -r file; do
    for link in $(links "$file"); do
        case "$link" in
        *://* | mailto:*) ;;
        *) check_link "$file" "$link" ;;
        esac
    done
done <"$list"
exit "$failed"

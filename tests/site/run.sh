#!/usr/bin/env bash
# run.sh TOOL PYTHON: the pages of `cleat docs`. Their links by a parser of HTML, the search in a
# headless Chromium. Where there is no Chromium the second half is skipped, and the script says so.
set -u
. "$(dirname "$0")/../codegen/lib.sh"
python=$1
root=$(cd "$here/../.." && pwd)
links=$root/tests/site/links.py

links_lead_somewhere() {
    expect 0 'the links' "$python" -B "$links" "$@" && kept "$(cat "$scratch/stdout")" && return
    cat "$scratch/stdout" >&2
}

# Schemas that would break out of HTML: comments with markup, names of every kind.
hostile() {
    local case=$1
    (cd "$root/tests/codegen/hostile/$case" && "$tool" docs --out "$scratch/$case") ||
        fail "docs of the hostile $case"
    links_lead_somewhere "$scratch/$case"
}

# browse ADDRESS [OPTION…]: the page as it is after its scripts have run, to $scratch/dom.
browse() {
    timeout 60 "$chromium" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync \
        --user-data-dir="$scratch/profile" --virtual-time-budget=2000 --dump-dom "$@" \
        >"$scratch/dom" 2>"$scratch/chromium"
}

# shows WHAT PATTERN
shows() {
    if grep -q -e "$2" "$scratch/dom"; then
        kept "$1"
    else
        fail "$1: the page does not show '$2'"
        head -c 600 "$scratch/dom" >&2
    fi
}

# fits PAGE: on a phone nothing is wider than the screen; what is has its own scrolling.
fits() {
    printf '<iframe width="390" height="800" src="site/%s"></iframe><p id="width"></p><script>
const frame = document.querySelector("iframe");
frame.onload = () => { document.getElementById("width").textContent =
    frame.contentDocument.documentElement.scrollWidth; };</script>' "$1" >"$scratch/phone.html"
    browse "file://$scratch/phone.html" --allow-file-access-from-files
    local width
    width=$(sed -n 's|.*<p id="width">\([0-9]*\)</p>.*|\1|p' "$scratch/dom")
    if [ -n "$width" ] && [ "$width" -le 390 ]; then
        kept "$1 fits on a phone"
    else
        fail "$1 is '$width' wide on a phone"
    fi
}

searches() {
    fits index.html
    fits pipeline.db.html
    fits system.db.html
    browse "file://$scratch/site/catalog.db.html#?content%20hash"
    shows 'the page gives way to the results' '<body class="searching">'
    shows 'a column is found by its words' \
        'href="catalog.db.html#documents.content_hash">catalog.documents.content_hash</a>'
    shows 'columns of other databases are found' '>semantic_core.documents.content_hash</a>'
    browse "file://$scratch/site/index.html#?documents"
    shows 'the name itself comes first' \
        'class="chosen"><a class="mono" href="catalog.db.html#documents"'
    browse "file://$scratch/site/index.html#?retrieval"
    shows 'a comment is found' '>catalog.chunks</a>'
    browse "file://$scratch/site/index.html#?%3Cimg%20src=x%3E"
    shows 'nothing is found for markup' '<h1><span role="status">0 results</span></h1>'
    if grep -q '<img' "$scratch/dom"; then
        fail 'what is searched for became markup'
    fi
    browse "file://$scratch/site/content.db.html"
    shows 'a diagram has its boxes' '<svg [^>]*aria-label="Tables of content"'
    shows 'the search waits' '<body>'
}

expect 0 'docs of schemas/' "$tool" docs --schemas "$root/schemas" --out "$scratch/site"
links_lead_somewhere "$scratch/site" "$root/generated/sql"
for file in "$root"/schemas/migrations/*/*.sql; do
    revision=$(basename "$file" | cut -d_ -f1)
    database=$(basename "$(dirname "$file")")
    if ! grep -q "id=\"$revision\"" "$scratch/site/$database.db.html"; then
        fail "the page of $database does not show its migration $revision"
    fi
done
expect 0 'docs again' "$tool" docs --schemas "$root/schemas" --out "$scratch/again"
if diff -r "$scratch/site" "$scratch/again"; then
    kept 'the pages are the same every time'
else
    fail 'the pages differ from run to run'
fi
grep -rl "$root" "$scratch/site" && fail 'a page names a directory of this machine'
hostile comments
hostile names
hostile defaults

chromium=$(command -v chromium || command -v google-chrome || true)
if [ -z "$chromium" ]; then
    echo 'SKIPPED: the search was not tried: there is no chromium here' >&2
else
    searches
fi
finish

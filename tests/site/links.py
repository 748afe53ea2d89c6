"""links.py SITE [SNAPSHOTS]: every link of the pages and of the search leads to a place that is
there, no page has a place twice, nothing is loaded from elsewhere, and every table and view of the
snapshots has a section. Prints what is wrong; the exit status says whether anything is."""

import glob
import html.parser
import json
import os
import re
import sys

faults = []


class Page(html.parser.HTMLParser):
    def __init__(self, name):
        super().__init__()
        self.name, self.places, self.links, self.scripts, self.titles = name, set(), [], 0, 0
        with open(name, encoding="utf-8") as file:
            self.feed(file.read())

    def handle_starttag(self, tag, attributes):
        for key, value in attributes:
            if key == "id":
                if value in self.places:
                    faults.append(f"{self.name}: the place {value} is there twice")
                self.places.add(value)
            if key in ("href", "src"):
                self.links.append(value)
            if key == "tabindex" and value not in ("0", "-1"):
                faults.append(f"{self.name}: a tabindex of {value}")
            if key.startswith("on"):
                faults.append(f"{self.name}: an attribute {key}")
        self.scripts += tag == "script"
        self.count(tag, dict(attributes))

    def count(self, tag, attributes):
        """What those need who do not see the page."""
        self.titles += tag == "h1"
        if tag == "html" and "lang" not in attributes:
            faults.append(f"{self.name}: no language")
        if tag in ("nav", "input", "svg") and "aria-label" not in attributes:
            faults.append(f"{self.name}: a <{tag}> without a label")
        if tag == "th" and "scope" not in attributes:
            faults.append(f"{self.name}: a heading of a table without a scope")
        if tag == "svg" and attributes.get("role") == "img":
            faults.append(f"{self.name}: a picture whose links are hidden")


def luminance(colour):
    parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def check_contrast(style):
    """WCAG 2.1, 1.4.3: 4.5 to 1 for text, by day and by night."""
    with open(style, encoding="utf-8") as file:
        schemes = re.findall(r":root \{(.*?)\}", file.read(), re.S)
    if len(schemes) != 2:
        faults.append(f"{style}: {len(schemes)} schemes of colours")
    for scheme in schemes:
        colours = dict(re.findall(r"--(\w+): (#\w{6});", scheme))
        for front, backs in (("text", ("back", "side", "code", "mark", "head", "box")),
                             ("soft", ("back", "side", "mark")), ("link", ("back", "side", "mark")),
                             ("key", ("back", "box"))):
            for back in backs:
                light, dark = sorted((luminance(colours[front]), luminance(colours[back])), reverse=True)
                if (light + 0.05) / (dark + 0.05) < 4.5:
                    faults.append(f"{style}: {front} on {back}: {(light + 0.05) / (dark + 0.05):.2f} to 1")


def check_address(site, pages, where, address):
    file, _, place = address.partition("#")
    if re.match(r"[a-z]+:|//", address):
        faults.append(f"{where}: {address} is elsewhere")
    elif file == "":
        check_place(pages, where, where, place)
    elif not os.path.exists(os.path.join(site, file)):
        faults.append(f"{where}: {address} is not there")
    elif place != "":
        check_place(pages, where, file, place)


def check_place(pages, where, file, place):
    if place not in pages[file].places:
        faults.append(f"{where}: {file} has no place {place}")


def read_index(site):
    with open(os.path.join(site, "index.js"), encoding="utf-8") as file:
        text = file.read()
    text = text[text.index("["):text.rindex("]") + 1].replace("\\x3c", "<")
    return json.loads(re.sub(r",\s*\]", "]", text))


def tables_of(snapshot):
    with open(snapshot, encoding="utf-8") as file:
        return re.findall(r'^CREATE (?:TABLE|VIEW) "?(\w+)"?', file.read(), re.MULTILINE)


def main(site, snapshots):
    pages = {os.path.basename(path): Page(path) for path in glob.glob(site + "/*.html")}
    for name, page in pages.items():
        if page.titles != 1:
            faults.append(f"{name}: {page.titles} titles")
        if page.scripts != 2:
            faults.append(f"{name}: {page.scripts} scripts instead of 2")
        for link in page.links:
            check_address(site, pages, name, link)
    check_contrast(os.path.join(site, "style.css"))
    entries = read_index(site)
    for kind, name, address, _ in entries:
        check_address(site, pages, f"index.js: {kind} {name}", address)
    for snapshot in glob.glob(snapshots + "/*.sql") if snapshots else []:
        database = os.path.basename(snapshot)[:-4]
        for table in tables_of(snapshot):
            check_place(pages, snapshot, database + ".db.html", table)
            if not any(entry[1] == f"{database}.{table}" for entry in entries):
                faults.append(f"{snapshot}: the search does not know {table}")
    print(f"{len(pages)} pages, {sum(len(page.links) for page in pages.values())} links, "
          f"{len(entries)} names")
    for fault in faults[:20]:
        print(f"FAILED: {fault}")
    return 1 if faults or len(pages) < 2 else 0


sys.exit(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))

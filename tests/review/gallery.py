#!/usr/bin/env python3
"""gallery.py TOOL DIRECTORY [--update]: twelve schema pull requests, as reviewers see them.

Builds a git repository with a small library system and one branch for each change, lets the tool
generate and compare, and expects the comments in DIRECTORY, byte by byte. The forms for machines
are made of every one too and checked."""

import json
import os
import re
import subprocess
import sys
import tempfile

BASE = {
    "schemas/catalog/db_models.h": '''#include <cleat/schema.h>
#define DATABASE_NAME "catalog"

enum book_state { BOOK_NEW, BOOK_LISTED, BOOK_GONE };

/** Somebody who writes. */
TABLE(authors) {
    integer id   PRIMARY_KEY;
    text    name NOT_NULL LENGTH(200) INDEX;
};

/** A title, of which there may be many copies. */
TABLE(books) {
    integer id        PRIMARY_KEY;
    integer author_id NOT_NULL REFERENCES(authors, id) ON_DELETE(CASCADE) INDEX;
    text    title     NOT_NULL LENGTH(500);
    text    isbn      LENGTH(13);
    text    note;
    text    pages;
    enum book_state state NOT_NULL DEFAULT(BOOK_NEW);
    timestamp added_at NOT_NULL DEFAULT_NOW;
};

/** What readers think of it. */
TABLE(reviews) {
    integer id      PRIMARY_KEY;
    integer book_id NOT_NULL INDEX;
    text    body    NOT_NULL;
};
''',
    "schemas/catalog/db_queries.sql": '''-- name: books_of_author :many
SELECT b.id, b.title FROM catalog.books AS b WHERE b.author_id = :author_id ORDER BY b.title;
''',
    "schemas/catalog/db_objects.sql": '''-- What is on the shelf.
CREATE VIEW listed AS SELECT id, title FROM books WHERE state = 'listed';
''',
    "schemas/catalog/shelf.c": '''#include "catalog/db_models.cleat.h"

const char *
shelf_note(cleat_session *s, int64_t id, catalog_books_row *book)
{
    return catalog_books_get(s, id, book) == CLEAT_OK ? book->note : "";
}
''',
    "schemas/archive/db_models.h": '''#include <cleat/schema.h>
#define DATABASE_NAME "archive"

/** What was, for the record. */
TABLE(loans) {
    integer   id      PRIMARY_KEY;
    integer   book_id NOT_NULL SOFT_REFERENCES(catalog.books) INDEX;
    timestamp until;
};
''',
}
MODELS = "schemas/catalog/db_models.h"
ARCHIVE = "schemas/archive/db_models.h"


def edit(path, *pairs):
    def change():
        text = open(path).read()
        for old, new in pairs:
            if old not in text:
                sys.exit(f"gallery: {path} does not say {old!r}")
            text = text.replace(old, new)
        with open(path, "w") as file:
            file.write(text)
    return change


def both(*changes):
    def change():
        for one in changes:
            one()
    return change


REVIEWS = BASE[MODELS][BASE[MODELS].index("/** What readers"):]
PULL_REQUESTS = [
    ("01-add-column", "A subtitle", edit(MODELS, (
        "    text    isbn ", "    text    subtitle LENGTH(500);\n    text    isbn "))),
    ("02-rename-column", "note is called remark", edit(MODELS, (
        "    text    note;", "    text    remark RENAMED_FROM(note);"))),
    ("03-rename-without-saying-so", "note is called remark, and nobody says so", edit(MODELS, (
        "    text    note;", "    text    remark;"))),
    ("04-drop-column", "note goes", edit(MODELS, (
        "    text    note;", "    DROPPED(note, \"copied to reviews\");"))),
    ("05-enum-label", "Books can be damaged", edit(MODELS, (
        "BOOK_LISTED, BOOK_GONE", "BOOK_LISTED, BOOK_DAMAGED, BOOK_GONE"))),
    ("06-unique", "An isbn names one book", edit(MODELS, (
        "    text    isbn      LENGTH(13);", "    text    isbn      LENGTH(13) UNIQUE;"))),
    ("07-move-table", "Reviews go to the archive", both(
        edit(MODELS, (REVIEWS, "")), edit(ARCHIVE, (
            "/** What was,", REVIEWS.rstrip() + "\n\n/** What was,")))),
    ("08-foreign-key", "A review is of a book", edit(MODELS, (
        "    integer book_id NOT_NULL INDEX;",
        "    integer book_id NOT_NULL REFERENCES(books, id) ON_DELETE(CASCADE) INDEX;"))),
    ("09-index", "Books by title and age", edit(MODELS, (
        "    timestamp added_at NOT_NULL DEFAULT_NOW;\n",
        "    timestamp added_at NOT_NULL DEFAULT_NOW;\n"
        "    INDEX_ON(title, added_at DESC) WHERE(state <> 'gone');\n"))),
    ("10-full-text", "Reviews can be searched", edit(MODELS, (
        "    text    body    NOT_NULL;\n",
        "    text    body    NOT_NULL;\n    FULL_TEXT_ON(reviews_fts, body);\n"))),
    ("11-type", "Pages are a number", edit(MODELS, (
        "    text    pages;", "    integer pages     CHECK(pages > 0);"))),
    ("12-many-things", "A larger change", both(
        edit(MODELS,
             ("TABLE(authors) {", "TABLE(people) {\n    TABLE_WAS(authors);"),
             ("REFERENCES(authors, id)", "REFERENCES(people, id)"),
             ("    text    note;\n", ""),
             ("LENGTH(500)", "LENGTH(300)"),
             ("    timestamp added_at NOT_NULL DEFAULT_NOW;",
              "    timestamp added_at NOT_NULL DEFAULT_NOW;\n    text    shelf    NOT_NULL;")),
        edit("schemas/catalog/db_objects.sql", ("id, title FROM", "id, title, shelf FROM")),
        edit(ARCHIVE, ("    timestamp until;", "    timestamp until NOT_NULL;")))),
]


def run(*command, fine=(0,)):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in fine:
        sys.exit(f"gallery: {' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def git(*arguments):
    return run("git", "-c", "user.name=gallery", "-c", "user.email=gallery@example.org", "-c",
               "commit.gpgsign=false", *arguments)


def check_sarif(text):
    """What the schema of SARIF 2.1.0 demands of the members that are used; all of the schema when
    $SARIF_SCHEMA names its file."""
    log = json.loads(text)
    if "SARIF_SCHEMA" in os.environ:
        import jsonschema
        with open(os.environ["SARIF_SCHEMA"]) as file:
            jsonschema.validate(log, json.load(file))
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json")
    (one,) = log["runs"]
    rules = one["tool"]["driver"]["rules"]
    assert one["tool"]["driver"]["name"] == "cleat"
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["fullDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
    for result in one["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        for location in result["locations"]:
            place = location["physicalLocation"]
            assert not place["artifactLocation"]["uri"].startswith("/")
            assert place["region"]["startLine"] >= 1 and place["region"]["startColumn"] >= 1
        assert all(isinstance(mark, str) for mark in result["partialFingerprints"].values())
    return len(one["results"])


def check_github(text):
    levels = []
    for line in text.splitlines():
        match = re.fullmatch(
            r"::(error|warning|notice) (file=[^,:]+,line=\d+,col=\d+,)?title=[^,:]+::.*", line)
        assert match, line
        assert not re.search(r"%(?![0-9A-F]{2})", line), line
        levels.append(("error", "warning", "notice").index(match.group(1)))
    assert levels == sorted(levels), "the worst is not first"
    assert all(levels.count(level) <= 10 for level in range(3))


def check_mermaid(text, name):
    """Balanced, and within what code hosts draw."""
    entity = r'(?:\w+|"[\w.]+")'
    for body in re.findall(r"```mermaid\n(.*?)```", text, re.S):
        assert len(body) <= 1900, name
        assert body.startswith("erDiagram\n") and body.count("{\n") == body.count("}\n"), name
        for line in body.splitlines()[1:]:
            assert re.fullmatch(rf'    {entity} \{{|    \}}|        \w+ \w+( PK)?( "[^"]*")?|'
                                rf'    {entity} \}}o--\|\| {entity} : "[^"]*"', line), (name, line)
        drawn = re.findall(rf"^    ({entity}) \{{", body, re.M)
        assert len(drawn) == len(set(drawn)), (name, "a table is drawn twice")


def forgotten(tool):
    """A schema that was edited and not generated: what is compared is not what will be built."""
    found = json.loads(run(tool, "diff", "--format", "json", fine=(1,)))
    assert [f["object"] for f in found["findings"] if f["rule"] == "snapshot-stale"] == ["catalog"], found
    assert not found["changes"]


def main():
    tool, directory = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
    update = "--update" in sys.argv
    os.environ.update({"CLEAT_CACHE_DIR": "", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
                       "LC_ALL": "C.UTF-8"})
    failures = 0
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        git("init", "-q", "-b", "main")
        for path, text in BASE.items():
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(text)
        run(tool, "generate")
        git("add", ".")
        git("commit", "-q", "-m", "The library")
        for name, title, change in PULL_REQUESTS:
            git("checkout", "-q", "-b", name, "main")
            change()
            if name == PULL_REQUESTS[0][0]:
                forgotten(tool)
            run(tool, "generate")
            git("add", ".")
            git("commit", "-q", "-m", title)
            # The branch as a pull request is reviewed, then both states by name: the same text.
            comment = run(tool, "diff", "--format", "markdown", fine=(0, 1))
            git("checkout", "-q", "main")
            assert comment == run(tool, "diff", "main", name, "--format", "markdown", fine=(0, 1))
            check_mermaid(comment, name)
            results = check_sarif(run(tool, "diff", "main", name, "--format", "sarif", fine=(0, 1)))
            found = json.loads(run(tool, "diff", "main", name, "--format", "json", fine=(0, 1)))
            assert len(found["findings"]) == results and found["changes"]
            check_github(run(tool, "diff", "main", name, "--format", "github", fine=(0, 1)))
            blocked = any(f["severity"] == "error" and "accepted" not in f
                          for f in found["findings"])
            status = subprocess.run([tool, "diff", "main", name], capture_output=True).returncode
            assert status == (1 if blocked else 0), (name, status)
            # Back again is a change too, and no change is none.
            run(tool, "diff", name, "main", fine=(0, 1))
            assert "No schema change" in run(tool, "diff", name, name, "--format", "markdown")
            text = f"<!-- {title}: written by tests/review/gallery.py -->\n{comment}"
            path = os.path.join(directory, name + ".md")
            if update:
                os.makedirs(directory, exist_ok=True)
                with open(path, "w") as file:
                    file.write(text)
            elif not os.path.exists(path) or open(path).read() != text:
                failures += 1
                print(f"FAILED: {name}: not as in {path}; write it with --update")
                print(text)
    print(f"{len(PULL_REQUESTS)} pull requests, {failures} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()

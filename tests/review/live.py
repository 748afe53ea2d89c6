#!/usr/bin/env python3
"""live.py TOOL: a database file against its snapshot: what differs, and how many rows it concerns."""

import os
import sqlite3
import subprocess
import sys
import tempfile

WANTED = '''-- What is read.
CREATE TABLE books (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL CHECK (length(title) <= 5),
    isbn TEXT,
    state TEXT NOT NULL CHECK (state = 'new' OR state = 'old'),
    author_id INTEGER REFERENCES authors (id)
) STRICT;

CREATE UNIQUE INDEX books_isbn_key ON books (isbn);

-- Who writes.
CREATE TABLE authors (
    id INTEGER PRIMARY KEY
) STRICT;

CREATE VIEW titles AS SELECT title FROM books;
'''
LIVE = '''
CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT, isbn TEXT, state TEXT, author_id INTEGER, note TEXT);
CREATE TABLE authors (id INTEGER PRIMARY KEY) STRICT;
CREATE TABLE visitors (id INTEGER PRIMARY KEY);
CREATE TABLE cleat_intents (peer TEXT, id INTEGER, PRIMARY KEY (peer, id)) STRICT, WITHOUT ROWID;
CREATE INDEX cleat_intents_id ON cleat_intents (id);
INSERT INTO authors VALUES (1);
INSERT INTO books VALUES (1, 'one', 'x', 'new', 1, NULL);
INSERT INTO books VALUES (2, 'longer', 'x', 'gone', 7, 'kept');
INSERT INTO books VALUES (3, NULL, NULL, 'old', NULL, NULL);
'''
failures = 0


def run(tool, *arguments):
    return subprocess.run([tool, "diff", *arguments], capture_output=True, text=True)


def expect(what, condition, shown=""):
    global failures
    if condition:
        print("kept:", what)
    else:
        failures += 1
        print("FAILED:", what, "\n" + shown)


def following(output, rule):
    """The line of rows behind the finding of a rule."""
    lines = output.splitlines()
    for at, line in enumerate(lines):
        if line.endswith(f"[{rule}]"):
            for row in lines[at + 1:]:
                if not row.startswith("  "):
                    break
                if row.startswith("  rows: "):
                    return row[len("  rows: "):]
    return None


SCHEMA = '''#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    integer id    PRIMARY_KEY;
    text    title NOT_NULL;%s
};
'''


def step(tool, columns, message):
    """Writes a schema, and the migration that leads there."""
    os.makedirs("schemas/library", exist_ok=True)
    with open("schemas/library/db_models.h", "w") as file:
        file.write(SCHEMA % columns)
    for arguments in (["migrate", "new", "-m", message], ["generate"]):
        done = subprocess.run([tool, *arguments], capture_output=True, text=True)
        expect(" ".join(arguments), done.returncode == 0, done.stderr)


def change(sql):
    db = sqlite3.connect("library.db")
    db.executescript(sql)
    db.close()


def check_history(tool):
    """A file that lacks migrations is older; it is not drift."""
    step(tool, "", "Books.")
    change(open("generated/sql/library.sql").read() + "INSERT INTO books VALUES (1, 'same'), (2, 'same');")
    subprocess.run([tool, "migrate", "stamp", "library", "library.db"], check=True, capture_output=True)
    expect("a file at the last migration has no difference",
           run(tool, "--db", "library.db").returncode == 0)
    step(tool, "\n    text note;", "Notes.")
    step(tool, "\n    text note;\n    UNIQUE_ON(title);", "Titles are unique.")
    done = run(tool, "--db", "library.db")
    expect("a file that lacks migrations is older, and that is a warning",
           done.returncode == 0 and "2 are pending [older-file]" in done.stdout and
           "warning: library.db is older" in done.stdout and "[missing-object]" not in done.stdout and
           "[shape-differs]" not in done.stdout, done.stdout + done.stderr)
    expect("the rows that pending migrations would refuse are counted",
           following(done.stdout, "unique-added") == "2, such as same, same" or
           following(done.stdout, "unique-added") == "1, such as same", done.stdout)
    expect("--fail-on warning makes it a failure",
           run(tool, "--db", "library.db", "--fail-on", "warning").returncode == 1)
    change("CREATE INDEX mine ON books (title)")
    done = run(tool, "--db", "library.db")
    expect("an older file may have drifted too", done.returncode == 1 and
           "[older-file]" in done.stdout and "[foreign-object]" in done.stdout, done.stdout)
    change("DROP INDEX mine; UPDATE cleat_migrations SET revision = 'abcdefabcdef'")
    done = run(tool, "--db", "library.db")
    expect("a file of another branch is an error",
           done.returncode == 1 and "[unknown-migration]" in done.stdout, done.stdout)


def main():
    tool = os.path.realpath(sys.argv[1])
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        check_history(tool)
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        os.makedirs("generated/sql")
        with open("generated/sql/library.sql", "w") as file:
            file.write(WANTED)
        db = sqlite3.connect("library.db")
        db.executescript(WANTED)
        db.close()
        done = run(tool, "--db", "library.db")
        expect("a file made by the snapshot has no difference", done.returncode == 0 and
               "nothing to say" in done.stdout, done.stdout + done.stderr)

        os.unlink("library.db")
        db = sqlite3.connect("library.db")
        db.executescript(LIVE)
        db.close()
        before = open("library.db", "rb").read()
        done = run(tool, "--db", "library.db")
        out = done.stdout
        expect("a file that differs is a finding", done.returncode == 1, done.stderr)
        for rule, rows in (("not-null-added", "1, such as 3"), ("unique-added", "1, such as x"),
                           ("length-shortened", "1, such as 2"), ("foreign-key-added", "1, such as 2"),
                           ("drop-column", "1, such as 2"), ("check-tightened", "1, such as 2"),
                           ("drop-table", "none"), ("strict-added", "none")):
            expect(f"{rule} counts its rows and names them", following(out, rule) == rows,
                   f"{following(out, rule)}\n{out}")
        for rule in ("foreign-object", "missing-object", "shape-differs"):
            expect(f"{rule} is reported", f"[{rule}]" in out, out)
        expect("tables of the runtime are none of the schema's", "cleat_" not in out, out)
        expect("what no row violates is a note", "note: table 'visitors' is dropped" in out, out)
        expect("the file is as it was", before == open("library.db", "rb").read())

        os.rename("library.db", "other.sqlite")
        expect("a file of another name can be named",
               run(tool, "--db", "library=other.sqlite").stdout ==
               out.replace("library.db", "other.sqlite"))
        expect("a file without a snapshot is an error of the call",
               run(tool, "--db", "other.sqlite").returncode == 3)
        done = run(tool, "--db", "library=none.db")
        expect("a file that is not there is an error and is not made",
               done.returncode == 3 and not os.path.exists("none.db"), done.stderr)
        markdown = run(tool, "--db", "library=other.sqlite", "--format", "markdown").stdout
        expect("the comment has the counts", "(**1 row**)" in markdown, markdown)
    sys.exit(1 if failures else 0)


main()

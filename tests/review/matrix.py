#!/usr/bin/env python3
"""matrix.py TOOL: every kind of change, seen between two revisions, two directories and in a live file.

A kind is an old and a new schema. It is found in both directions, exactly, and in all three ways the
same; a kind of `cleat diff` that is not here fails."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile


def t(*columns, options=" STRICT"):
    lines = ",\n    ".join(("id INTEGER PRIMARY KEY",) + columns)
    return f"CREATE TABLE t (\n    {lines}\n){options};\n"


def was(line, sql):
    return f"-- cleat: {line}\n{sql}"


A = t("a TEXT")
P = "CREATE TABLE p (\n    id INTEGER PRIMARY KEY\n) STRICT;\n"
K = P + t("p INTEGER REFERENCES p (id)")
FTS = "CREATE VIRTUAL TABLE f USING fts5(%s);\n"
VIEW = "CREATE VIEW v AS SELECT %s FROM t;\n"
TRIGGER = "CREATE TRIGGER g AFTER %s ON t BEGIN SELECT 1; END;\n"
INSTEAD = "CREATE TRIGGER g INSTEAD OF INSERT ON v BEGIN SELECT %s; END;\n"
LABELS = "a TEXT CHECK (a = 'x' OR a = 'y')"
MORE_LABELS = "a TEXT CHECK (a = 'x' OR a = 'y' OR a = 'z')"


def index(rest):
    return A + f"CREATE INDEX i ON t {rest};\n"


# What it is of the list; the old schema; the new one; the kinds there and back.
CASES = [
    ("a table", A, A + P, "table-added", "table-dropped"),
    ("a column", A, t("a TEXT", "b TEXT"), "column-added", "column-dropped"),
    ("a type", A, t("a INTEGER"), "column-type", "column-type"),
    ("nullability", A, t("a TEXT NOT NULL"), "column-null", "column-null"),
    ("a default", A, t("a TEXT DEFAULT 'x'"), "column-default", "column-default"),
    ("an expression as default", t("a TEXT DEFAULT 'x'"), t("a TEXT DEFAULT (lower('X'))"),
     "column-default", "column-default"),
    ("a CHECK of a column", A, t("a TEXT CHECK (a <> 'x')"), "check-added", "check-dropped"),
    ("another CHECK", t("a TEXT CHECK (a <> 'x')"), t("a TEXT CHECK (a <> 'X')"),
     "check-added check-dropped", "check-added check-dropped"),
    ("a CHECK of the row", t("a TEXT", "b TEXT"), t("a TEXT", "b TEXT", "CHECK (a <> b)"),
     "check-added", "check-dropped"),
    ("a length", t("a TEXT CHECK (length(a) <= 3)"), t("a TEXT CHECK (length(a) <= 4)"), "length", "length"),
    ("a collation", A, t("a TEXT COLLATE NOCASE"), "column-collation", "column-collation"),
    ("a generated column", A, t("a TEXT", "b TEXT AS (a)"), "column-added", "column-dropped"),
    ("another generated expression", t("a TEXT", "b TEXT AS (a)"), t("a TEXT", "b TEXT AS (a || 'x')"),
     "column-generated", "column-generated"),
    ("a stored generated column", t("a TEXT", "b TEXT AS (a)"), t("a TEXT", "b TEXT AS (a) STORED"),
     "column-generated", "column-generated"),
    ("a column that is generated now", t("a TEXT", "b TEXT"), t("a TEXT", "b TEXT AS (a)"),
     "column-generated", "column-generated"),
    ("the order of columns", t("a TEXT", "b TEXT"), t("b TEXT", "a TEXT"), "column-order", "column-order"),
    ("a primary key", P, "CREATE TABLE p (\n    id INTEGER PRIMARY KEY DESC\n) STRICT;\n",
     "primary-key", "primary-key"),
    ("a primary key of two columns", "CREATE TABLE k (a TEXT, b TEXT, PRIMARY KEY (a, b));\n",
     "CREATE TABLE k (a TEXT, b TEXT, PRIMARY KEY (b, a));\n", "primary-key", "primary-key"),
    ("AUTOINCREMENT", A, A.replace("KEY", "KEY AUTOINCREMENT"), "autoincrement", "autoincrement"),
    ("a UNIQUE of the table", A, t("a TEXT UNIQUE"), "unique-added", "unique-dropped"),
    ("ON CONFLICT", t("a TEXT UNIQUE"), t("a TEXT UNIQUE ON CONFLICT IGNORE"), "conflict-clause",
     "conflict-clause"),
    ("an index", A, index("(a)"), "index-added", "index-dropped"),
    ("a partial index", index("(a)"), index("(a) WHERE a <> 'x'"), "index-changed", "index-changed"),
    ("another partial index", index("(a) WHERE a <> 'y'"), index("(a) WHERE a <> 'x'"), "index-changed",
     "index-changed"),
    ("an index on an expression", index("(lower(a))"), index("(upper(a))"), "index-changed", "index-changed"),
    ("a descending index", index("(a)"), index("(a DESC)"), "index-changed", "index-changed"),
    ("the collation of an index", index("(a)"), index("(a COLLATE NOCASE)"), "index-changed", "index-changed"),
    ("a unique index", index("(a)"), index("(a)").replace("INDEX", "UNIQUE INDEX"), "index-changed",
     "index-changed"),
    ("the name of an index", index("(a)"), index("(a)").replace(" i ", " j "), "index-renamed", "index-renamed"),
    ("a foreign key", P + t("p INTEGER"), K, "foreign-key-added", "foreign-key-dropped"),
    ("ON DELETE", K, K.replace("(id)", "(id) ON DELETE CASCADE"), "foreign-key-action", "foreign-key-action"),
    ("ON UPDATE", K, K.replace("(id)", "(id) ON UPDATE SET NULL"), "foreign-key-action", "foreign-key-action"),
    ("a deferred foreign key", K, K.replace("(id)", "(id) DEFERRABLE INITIALLY DEFERRED"),
     "foreign-key-action", "foreign-key-action"),
    ("a full-text index", A, A + FTS % "a", "virtual-added", "virtual-dropped"),
    ("the columns of a full-text index", A + FTS % "a", A + FTS % "a, b", "virtual-changed", "virtual-changed"),
    ("the tokenizer of a full-text index", A + FTS % "a", A + FTS % "a, tokenize='porter'",
     "virtual-changed", "virtual-changed"),
    ("a view", A, A + VIEW % "a", "view-added", "view-dropped"),
    ("another view", A + VIEW % "a", A + VIEW % "id", "view-changed", "view-changed"),
    ("a trigger", A, A + TRIGGER % "INSERT", "trigger-added", "trigger-dropped"),
    ("another trigger", A + TRIGGER % "INSERT", A + TRIGGER % "DELETE", "trigger-changed", "trigger-changed"),
    ("a trigger of a view", A + VIEW % "a" + INSTEAD % 1, A + VIEW % "a" + INSTEAD % 2, "trigger-changed",
     "trigger-changed"),
    ("STRICT", t("a TEXT", options=""), A, "strict", "strict"),
    ("WITHOUT ROWID", A, t("a TEXT", options=" STRICT, WITHOUT ROWID"), "without-rowid", "without-rowid"),
    ("a label of an enum", t(LABELS), t(MORE_LABELS), "label-added", "label-removed"),
    ("a renamed label", t(LABELS), t(LABELS.replace("'y'", "'z'")), "label-added label-removed",
     "label-added label-removed"),
    ("a renamed column", A, was("renamed b from a", t("b TEXT")), "column-renamed", "column-added column-dropped"),
    ("a renamed table", A, was("was t", A.replace("TABLE t", "TABLE u")), "table-renamed",
     "table-added table-dropped"),
    ("two columns that change places", t("a TEXT", "b INTEGER"),
     was("renamed a from b", was("renamed b from a", t("b TEXT", "a INTEGER"))),
     "column-renamed column-renamed", "column-order column-type column-type"),
]
# Of all databases of a project.
PROJECTS = [
    ("a table that moves", {"d": A + P, "e": ""}, {"d": A, "e": P}, "table-moved", "table-moved"),
    ("a table that moves and changes", {"d": A + P, "e": ""}, {"d": P, "e": t("a INTEGER", "b TEXT")},
     "table-moved column-type column-added", "table-moved column-type column-dropped"),
    ("a database with another name and a column more", {"d": A}, {"e": t("a TEXT", "b TEXT")},
     "database-added database-dropped table-moved column-added",
     "database-added database-dropped table-moved column-dropped"),
    ("a database with another name", {"d": A}, {"e": A}, "database-renamed", "database-renamed"),
    ("a database", {"d": A}, {"d": A, "e": P}, "database-added table-added", "database-dropped table-dropped"),
]
failures = []


def git(*arguments):
    return subprocess.run(["git", "-c", "user.name=m", "-c", "user.email=m@example.org", *arguments],
                          capture_output=True, text=True, check=True).stdout.strip()


def write(top, databases):
    """Exactly these snapshots."""
    directory = os.path.join(top, "generated/sql")
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    for name, text in databases.items():
        with open(os.path.join(directory, name + ".sql"), "w") as file:
            file.write(text)


def changes(tool, *arguments, cwd="."):
    """The kinds of changes by database, and all that was found."""
    done = subprocess.run([tool, "diff", "--format", "json", *arguments], capture_output=True, text=True, cwd=cwd)
    if done.returncode not in (0, 1):
        sys.exit(f"matrix: {arguments}: {done.returncode}: {done.stderr}")
    found, kinds = json.loads(done.stdout), {}
    for change in found["changes"]:
        kinds.setdefault(change["object"].split(".")[0], []).append(change["kind"])
    return kinds, found


def expect(what, found, wanted):
    if sorted(wanted.split()) != sorted(found):
        failures.append(f"{what}: {sorted(found)} instead of {wanted}")


def in_revisions(tool, old, new):
    os.chdir("repository")
    revisions = []
    for state in (old, new):
        write(".", state)
        git("add", "-A")
        git("commit", "-q", "--allow-empty", "-m", "a state")
        revisions.append(git("rev-parse", "HEAD"))
    kinds = changes(tool, *revisions)[0]
    os.chdir("..")
    return kinds


def in_all_ways(tool, old, new):
    """Between directories, back, and between revisions; a state and itself have no change."""
    write("old", old)
    write("new", new)
    for side in ("old", "new"):
        kinds = changes(tool, side, side)[0]
        if kinds:
            failures.append(f"{side} and itself: {kinds}")
    return changes(tool, "old", "new")[0], changes(tool, "new", "old")[0], in_revisions(tool, old, new)


def all_cases(tool):
    """Each case is a database of one project."""
    old = {f"d{at}": case[1] for at, case in enumerate(CASES)}
    new = {f"d{at}": case[2] for at, case in enumerate(CASES)}
    there, back, revisions = in_all_ways(tool, old, new)
    for at, (what, _, _, wanted, wanted_back) in enumerate(CASES):
        expect(f"{what} between directories", there.get(f"d{at}", []), wanted)
        expect(f"{what} back", back.get(f"d{at}", []), wanted_back)
        expect(f"{what} between revisions", revisions.get(f"d{at}", []), wanted)


def all_projects(tool):
    for what, old, new, wanted, wanted_back in PROJECTS:
        there, back, revisions = in_all_ways(tool, old, new)
        expect(f"{what} between directories", sum(there.values(), []), wanted)
        expect(f"{what} back", sum(back.values(), []), wanted_back)
        expect(f"{what} between revisions", sum(revisions.values(), []), wanted)


def in_live_file(tool, what, old, new, there):
    """The file has the old schema; the snapshot is the new one."""
    write("live", {"d": new})
    if os.path.exists("live/d.db"):
        os.unlink("live/d.db")
    db = sqlite3.connect("live/d.db")
    db.executescript(re.sub("^-- cleat:.*\n", "", old, flags=re.M))
    db.close()
    kinds, found = changes(tool, "--db", "d.db", cwd="live")
    expect(f"{what} in a live file", kinds.get("d", []), there)
    rules = {finding["rule"] for finding in found["findings"]}
    if not rules & {"foreign-object", "missing-object", "shape-differs"}:
        failures.append(f"{what} in a live file is no drift: {rules}")


def main():
    tool = os.path.realpath(sys.argv[1])
    os.environ.update({"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "CLEAT_CACHE_DIR": ""})
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        git("init", "-q", "-b", "main", "repository")
        all_cases(tool)
        all_projects(tool)
        for what, old, new, there, _ in CASES:
            in_live_file(tool, what, old, new, there)
    seen = set(" ".join(case[3] + " " + case[4] for case in CASES + PROJECTS).split())
    source = open(os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../codegen/snapshot/compare.c")).read()
    kinds = set(re.findall(r'\[CHANGE_\w+\] = "([\w-]+)"', source))
    for kind in sorted(kinds - seen):
        failures.append(f"no case has {kind}")
    for failure in failures:
        print("FAILED:", failure)
    print(f"{len(CASES) + len(PROJECTS)} kinds of change, {len(failures)} failures")
    sys.exit(1 if failures else 0)


main()

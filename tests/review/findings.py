#!/usr/bin/env python3
"""findings.py TOOL GOLDEN [--update]: every finding of `cleat diff`, shown by a change that has it.

A case is a rule and two states of a project: snapshots by database, or files by path. The text that
is printed for it is in GOLDEN. A rule without a case fails, and a case that does not report it."""

import os
import subprocess
import sys
import tempfile

T = "-- A t.\n"
A = T + "CREATE TABLE t (\n    id INTEGER PRIMARY KEY,\n    a TEXT\n) STRICT;\n"


def t(*columns, options="STRICT"):
    """A table t with an id and these columns."""
    lines = ",\n    ".join(("id INTEGER PRIMARY KEY",) + columns)
    return f"{T}CREATE TABLE t (\n    {lines}\n) {options};\n"


P = "-- A p.\nCREATE TABLE p (\n    id INTEGER PRIMARY KEY\n) STRICT;\n"
STEP = "schemas/migrations/d/%s_x.sql"
STEP1 = "-- x\n-- revises: none\n-- schema: 1\n-- up\nSELECT 1;\n-- down\nSELECT 1;\n"
STEP2 = "-- x\n-- revises: aaaaaaaaaaaa\n-- schema: 1\n-- up\n%s;\n-- down\nSELECT 1;\n"
H = "generated/d/db_models.cleat.h"


def header(member, function):
    return (f"typedef struct d_t_row {{\n    int64_t id;\n    {member};\n}} d_t_row;\n\n"
            f"static inline cleat_status\nd_t_{function}\n{{\n}}\n")


WIDE = ["c%d TEXT" % i for i in range(41)]
CASES = [
    ("drop-database", {"d": A, "e": P}, {"d": A}),
    ("drop-table", {"d": A + P}, {"d": A}),
    ("drop-table", {"d": A + P}, {"d": A + "CREATE VIRTUAL TABLE p USING fts5(x);"}),
    ("drop-column", {"d": A}, {"d": t()}),
    ("drop-column", {"d": A}, {"d": "-- cleat: dropped a: nobody used it\n" + t()}),
    ("rename-unmarked", {"d": A}, {"d": t("b TEXT")}),
    ("rename-unmarked", {"d": A}, {"d": A.replace("TABLE t ", "TABLE u ")}),
    ("rename-source-missing", {"d": A}, {"d": "-- cleat: renamed b from c\n" + t("a TEXT", "b TEXT")}),
    ("rename-source-missing", {"d": A}, {"d": A + "-- cleat: was q\n" + P}),
    ("rename-cycle", {"d": t("a TEXT", "b TEXT")},
     {"d": "-- cleat: renamed a from b\n-- cleat: renamed b from a\n" + t("a TEXT", "b TEXT")}),
    ("type-narrowed", {"d": A}, {"d": t("a INTEGER")}),
    ("type-narrowed", {"d": t("a INTEGER")}, {"d": A}),
    ("type-narrowed", {"d": t("a INTEGER")}, {"d": t("a REAL")}),
    ("affinity-changed", {"d": A + "CREATE INDEX i ON t (a);"},
     {"d": t("a INTEGER") + "CREATE INDEX i ON t (a);"}),
    ("not-null-added", {"d": A}, {"d": t("a TEXT NOT NULL")}),
    ("not-null-new-column", {"d": A}, {"d": t("a TEXT", "b TEXT NOT NULL")}),
    ("unique-added", {"d": A}, {"d": A + "CREATE UNIQUE INDEX i ON t (a);"}),
    ("unique-added", {"d": A + "CREATE INDEX i ON t (a);"},
     {"d": A + "CREATE UNIQUE INDEX i ON t (a) WHERE a <> 'x';"}),
    ("unique-added", {"d": A}, {"d": t("a TEXT UNIQUE")}),
    ("primary-key-changed", {"d": A}, {"d": t("a TEXT").replace("INTEGER PRIMARY KEY", "INTEGER")
                                       .replace("a TEXT", "a TEXT PRIMARY KEY NOT NULL")}),
    ("check-tightened", {"d": A}, {"d": t("a TEXT CHECK (a <> '')")}),
    ("length-shortened", {"d": t("a TEXT CHECK (length(a) <= 9)")},
     {"d": t("a TEXT CHECK (length(a) <= 8)")}),
    ("enum-label-removed", {"d": t("a TEXT CHECK (a = 'x' OR a = 'y')")},
     {"d": t("a TEXT CHECK (a = 'x')")}),
    ("enum-label-removed", {"d": t("a TEXT CHECK (a = 'x' OR a = 'y''s')")},
     {"d": t("a TEXT CHECK (a = 'x' OR a = 'z')")}),
    ("foreign-key-added", {"d": P + t("p INTEGER")}, {"d": P + t("p INTEGER REFERENCES p (id)")}),
    ("cascade-changed", {"d": P + t("p INTEGER REFERENCES p (id)")},
     {"d": P + t("p INTEGER REFERENCES p (id) ON DELETE CASCADE")}),
    ("collation-changed", {"d": A}, {"d": t("a TEXT COLLATE NOCASE")}),
    ("collation-changed", {"d": A + "CREATE UNIQUE INDEX i ON t (a);"},
     {"d": t("a TEXT COLLATE NOCASE") + "CREATE UNIQUE INDEX i ON t (a);"}),
    ("strict-added", {"d": t("a TEXT", "b REAL", options="")}, {"d": t("a TEXT", "b REAL")}),
    ("generated-changed", {"d": t("a TEXT", "b TEXT")}, {"d": t("a TEXT", "b TEXT AS (a)")}),
    ("generated-changed", {"d": t("a TEXT", "b TEXT AS (a)")}, {"d": t("a TEXT", "b TEXT AS (a || 'x')")}),
    ("rowid-removed", {"d": A}, {"d": t("a TEXT", options="STRICT, WITHOUT ROWID")}),
    ("autoincrement-removed", {"d": A.replace("KEY", "KEY AUTOINCREMENT")}, {"d": A}),
    ("foreign-key-cycle-drop", {"d": P + t("p INTEGER REFERENCES p (id)")},
     {"d": t("p INTEGER REFERENCES p (id)")}),
    ("moved-database", {"d": A + P, "e": ""}, {"d": A, "e": P}),
    ("moved-database", {"d": A}, {"e": A}),
    ("required-column-added", {"d": A}, {"d": t("a TEXT", "b TEXT NOT NULL")}),
    ("column-or-table-gone-for-old", {"d": A}, {"d": "-- cleat: renamed b from a\n" + t("b TEXT")}),
    ("column-or-table-gone-for-old", {"d": A}, {"d": "-- cleat: was t\n" + A.replace("TABLE t", "TABLE u")}),
    ("column-or-table-gone-for-old", {"d": A + "CREATE VIEW v AS SELECT a FROM t;"}, {"d": A}),
    ("enum-label-added", {"d": t("a TEXT CHECK (a = 'x')")},
     {"d": t("a TEXT CHECK (a = 'x' OR a = 'y')")}),
    ("constraint-added-for-old", {"d": A}, {"d": t("a TEXT CHECK (length(a) <= 8)")}),
    ("default-changed", {"d": A}, {"d": t("a TEXT DEFAULT 'x'")}),
    ("newer-file", {"d": A}, {"d": t("a TEXT", "b TEXT")}),
    ("function-removed", {"d": A, H: header("int64_t a", "get(void)")},
     {"d": A, H: header("int64_t a", "put(void)"),
      "schemas/x.c": "int x(void)\n{\n    return d_t_get();\n}\n"}),
    ("signature-changed", {"d": A, H: header("int64_t a", "get(int a)")},
     {"d": A, H: header("int64_t a", "get(int a, int b)")}),
    ("row-field-changed", {"d": A, H: header("int64_t a", "get(void)")},
     {"d": A, H: header("double a", "get(void)"),
      "schemas/x.c": "double x(d_t_row *row)\n{\n    return row->a + a;\n}\n"}),
    ("query-broken", {"d": A, "schemas/db_queries.sql": "-- name: q :one\nSELECT a FROM d.t;\n"},
     {"d": t(), "schemas/db_queries.sql":
      "-- name: p :many\nSELECT id FROM d.t WHERE id IN (:ids...);\n-- name: q :one\nSELECT a FROM d.t;\n"}),
    ("rebuild-needed", {"d": A}, {"d": t("a TEXT DEFAULT 'x'")}),
    ("rebuild-avoidable", {"d": A}, {"d": t("a TEXT", "b TEXT"), STEP % ("a" * 12): STEP2.replace(
        "aaaaaaaaaaaa", "none") % "CREATE TABLE n (id); INSERT INTO n SELECT id FROM t; DROP TABLE t"}),
    ("dependent-broken", {"d": A}, {"d": t() + "CREATE VIEW v AS SELECT a FROM t;"}),
    ("dependent-broken", {"d": A},
     {"d": t() + "CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO u VALUES (1); END;"}),
    ("fts-out-of-step", {"d": A},
     {"d": t("b TEXT") + "CREATE VIRTUAL TABLE f USING fts5(a, content='t', content_rowid='id');"}),
    ("edited-migration", {"d": A, STEP % ("a" * 12): STEP1},
     {"d": A, STEP % ("a" * 12): STEP1.replace("SELECT 1", "SELECT 2")}),
    ("missing-migration", {"d": A, STEP % ("a" * 12): STEP1}, {"d": A}),
    ("two-heads", {"d": A, STEP % ("a" * 12): STEP1},
     {"d": A, STEP % ("a" * 12): STEP1, STEP % ("b" * 12): STEP2 % "SELECT 1",
      STEP % ("c" * 12): STEP2 % "SELECT 2"}),
    ("not-a-descendant", {"d": A}, {"d": A, STEP % ("b" * 12): STEP2 % "SELECT 1"}),
    ("migration-missing", {"d": A, STEP % ("a" * 12): STEP1},
     {"d": t("a TEXT", "b TEXT"), STEP % ("a" * 12): STEP1}),
    ("unsafe-statement", {"d": A}, {"d": A, STEP % ("a" * 12): STEP1.replace("SELECT 1;\n-- down",
     "SELECT 1;\nCOMMIT;\nPRAGMA foreign_keys = OFF;\nINSERT INTO t SELECT * FROM p;\n-- down")}),
    ("irreversible", {"d": A}, {"d": A, STEP % ("a" * 12): STEP1.split("-- down")[0]}),
    ("snapshot-differs", {"d": A}, {"d": t("a TEXT", "b TEXT") + "COMMIT;\n"}),
    ("foreign-key-unindexed", {"d": P}, {"d": P + t("p INTEGER REFERENCES p (id)")}),
    ("index-redundant", {"d": A}, {"d": A + "CREATE INDEX i ON t (a);\nCREATE INDEX j ON t (a);"}),
    ("index-prefix-of", {"d": A}, {"d": A + "CREATE INDEX i ON t (a);\nCREATE INDEX j ON t (a, id);"}),
    ("nullable-key", {"d": P}, {"d": P + T + "CREATE TABLE t (a TEXT PRIMARY KEY CHECK (length(a) <= 9));"}),
    ("no-primary-key", {"d": P}, {"d": P + T + "CREATE TABLE t (a TEXT);"}),
    ("int-not-integer-key", {"d": P}, {"d": P + T + "CREATE TABLE t (a INT PRIMARY KEY) STRICT;"}),
    ("fk-parent-not-unique", {"d": A}, {"d": A + "-- A u.\nCREATE TABLE u (id INTEGER PRIMARY KEY, "
     "a TEXT REFERENCES t (a));\nCREATE INDEX u_a ON u (a);"}),
    ("fk-type-mismatch", {"d": A}, {"d": A + "-- A u.\nCREATE TABLE u (id INTEGER PRIMARY KEY, "
     "a TEXT REFERENCES t (id));\nCREATE INDEX u_a ON u (a);"}),
    ("fts-text-key-vacuum", {"d": P}, {"d": P + T + "CREATE TABLE t (k TEXT PRIMARY KEY CHECK "
     "(length(k) <= 9), a TEXT) STRICT;\nCREATE VIRTUAL TABLE f USING fts5(a, content='t');"}),
    ("reserved-name", {"d": A}, {"d": A + P.replace("TABLE p", "TABLE cleat_p")}),
    ("keyword-name", {"d": A}, {"d": t("a TEXT", '"order" TEXT')}),
    ("name-style", {"d": A}, {"d": t("a TEXT", "aB TEXT")}),
    ("comment-missing", {"d": A}, {"d": A + "\n" + P.split("\n", 1)[1]}),
    ("table-wide", {"d": A}, {"d": t(*WIDE)}),
    ("index-changed", {"d": A + "CREATE INDEX i ON t (a);"}, {"d": A + "CREATE INDEX i ON t (a DESC);"}),
    ("index-changed", {"d": A + "CREATE INDEX i ON t (a);"}, {"d": A + "CREATE INDEX j ON t (a);"}),
    ("index-dropped", {"d": A + "CREATE INDEX i ON t (a);"}, {"d": A}),
    ("index-added", {"d": A}, {"d": A + "CREATE INDEX i ON t (a);"}),
    ("view-or-trigger-changed", {"d": A}, {"d": A + "CREATE VIEW v AS SELECT a FROM t;"}),
    ("view-or-trigger-changed", {"d": A},
     {"d": A + "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;"}),
    ("column-order", {"d": t("a TEXT", "b TEXT")}, {"d": t("b TEXT", "a TEXT")}),
    ("key-unbounded", {"d": P}, {"d": P + T + "CREATE TABLE t (a TEXT PRIMARY KEY) STRICT;"}),
    ("money-as-real", {"d": A}, {"d": t("a TEXT", "unit_price REAL")}),
    ("unique-nullable", {"d": P}, {"d": P + A + "CREATE UNIQUE INDEX i ON t (a);"}),
    ("key-random", {"d": P},
     {"d": P + T + "CREATE TABLE t (a TEXT PRIMARY KEY CHECK (length(a) = 36)) STRICT;"}),
    ("column-repeated", {"d": "-- A p.\nCREATE TABLE p (id INTEGER PRIMARY KEY, street TEXT) STRICT;"},
     {"d": "-- A p.\nCREATE TABLE p (id INTEGER PRIMARY KEY, street TEXT) STRICT;\n" +
      t("p INTEGER REFERENCES p (id)", "street TEXT") + "CREATE INDEX i ON t (p);"}),
    ("acceptance-form", {"d": A}, {"d": A, ".cleat-accepted": "# a comment\n\ndrop-column d.t.a\n"}),
    ("acceptance-expired", {"d": A},
     {"d": t(), ".cleat-accepted": "drop-column d.t.a until 2026-01-01: for a while\n"}),
    ("acceptance-stale", {"d": A}, {"d": A, ".cleat-accepted": "drop-column d.t.a: it is gone\n"}),
    ("drop-column", {"d": A},
     {"d": t(), ".cleat-accepted": "drop-column d.t.a until 2026-12-31: kept elsewhere\n"}),
]
# What a migration that comes along answers is a note, and an error without it.
FILL = ("-- x\n-- revises: aaaaaaaaaaaa\n-- schema: 3b7652e6c536\n\n-- up\n\n-- backfill %s: 'none'\n\n"
        "UPDATE t SET a = 'none' WHERE a IS NULL;\n")
ANSWERED = [
    ("not-null-new-column", {"d": A, STEP % "aaaaaaaaaaaa": STEP1},
     {"d": t("a TEXT", "b TEXT NOT NULL"), STEP % "aaaaaaaaaaaa": STEP1,
      STEP % "bbbbbbbbbbbb": FILL % "t.b"}),
    ("not-null-added", {"d": A, STEP % "aaaaaaaaaaaa": STEP1},
     {"d": t("a TEXT NOT NULL"), STEP % "aaaaaaaaaaaa": STEP1,
      STEP % "bbbbbbbbbbbb": FILL % "T.A"}),
    ("enum-label-removed",
     {"d": t("a TEXT CHECK (a = 'x' OR a = 'y')"), STEP % "aaaaaaaaaaaa": STEP1},
     {"d": t("a TEXT CHECK (a = 'x' OR a = 'z')"), STEP % "aaaaaaaaaaaa": STEP1,
      STEP % "bbbbbbbbbbbb": FILL.replace("backfill %s: 'none'", "renamed label t.a: y = z")}),
]
# Found in another way: a live file (review_live), a working tree (review_gallery).
ELSEWHERE = {"foreign-object", "missing-object", "shape-differs", "snapshot-stale", "older-file",
             "unknown-migration"}


def write(top, files):
    for path, text in files.items():
        if "/" not in path and not path.startswith("."):
            path = f"generated/sql/{path}.sql"
        path = os.path.join(top, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)


def diff(tool, old, new):
    with tempfile.TemporaryDirectory() as scratch:
        write(os.path.join(scratch, "old"), old)
        write(os.path.join(scratch, "new"), new)
        return subprocess.run([tool, "diff", "old", "new", "--today", "2026-11-27"], cwd=scratch,
                              capture_output=True, text=True)


def main():
    tool, golden = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
    failures, output = [], []
    known = {}
    for line in subprocess.run([tool, "explain", "--findings"], capture_output=True, text=True,
                               check=True).stdout.splitlines():
        known[line.split()[0]] = line.split()[2]
    for rule in sorted(set(known) - {case[0] for case in CASES} - ELSEWHERE):
        failures.append(f"{rule} has no case")
    for rule in known:
        text = subprocess.run([tool, "explain", rule], capture_output=True, text=True, check=True)
        if len(text.stdout) < 80:
            failures.append(f"{rule} has no explanation")
    for rule, old, new in CASES:
        done = diff(tool, old, new)
        fine = f"[{rule}]" in done.stdout and done.returncode in (0, 1)
        blocked = any(": error: " in line for line in done.stdout.splitlines())
        if not fine or done.returncode != (1 if blocked else 0):
            failures.append(f"{rule} is not reported ({done.returncode}):\n{done.stdout}{done.stderr}")
        output.append(f"=== {rule}\n{done.stdout}\n")
    for rule, old, new in ANSWERED:
        other = {path: text for path, text in new.items() if text != new[STEP % "bbbbbbbbbbbb"]}
        for state, severity in ((other, "error"), (new, "note")):
            lines = [line for line in diff(tool, old, state).stdout.splitlines()
                     if f"[{rule}]" in line]
            if len(lines) != 1 or f": {severity}: " not in lines[0]:
                failures.append(f"{rule} is no {severity}: {lines}")
    text = "".join(output)
    if "--update" in sys.argv:
        with open(golden, "w") as file:
            file.write(text)
    elif open(golden).read() != text:
        with open(golden + ".new", "w") as file:
            file.write(text)
        subprocess.run(["diff", "-u", golden, golden + ".new"])
        os.unlink(golden + ".new")
        failures.append("other findings than expected; write them with --update")
    for failure in failures:
        print("FAILED:", failure)
    print(f"{len(CASES)} cases, {len(failures)} failures")
    sys.exit(1 if failures else 0)


main()

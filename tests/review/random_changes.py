#!/usr/bin/env python3
"""random_changes.py TOOL SNAPSHOTS [--states N] [--seed N]: no changed line of a snapshot is missed.

Each state is one of SNAPSHOTS with one to four lines changed at random, such that SQLite still takes
it. What differs is known line by line; `cleat diff` must tell a change of the table, column, index,
view or trigger of every line, in both directions, and none when no line differs."""

import argparse
import collections
import glob
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile

COLUMN = re.compile(r'    "?(\w+)"? (TEXT|INTEGER|REAL|BLOB)\b')


def split_comment(line):
    """The SQL of a line without its comma, and what is behind it."""
    match = re.match(r"(.*?)(,?)(\s+-- .*)?$", line)
    return match.group(1), match.group(2) + (match.group(3) or "")


# ---- changes of one line: the new lines, or None where it does not fit ----

def drop(rng, lines, at):
    return None if lines[at].startswith((")", "CREATE TABLE", "BEGIN", "END")) else lines[:at] + lines[at + 1:]


def retype(rng, lines, at):
    match = COLUMN.match(lines[at])
    if not match or "KEY" in lines[at]:
        return None
    new = rng.choice([kind for kind in ("TEXT", "INTEGER", "REAL", "BLOB") if kind != match.group(2)])
    return lines[:at] + [lines[at].replace(f" {match.group(2)}", f" {new}", 1)] + lines[at + 1:]


def toggle_null(rng, lines, at):
    match = COLUMN.match(lines[at])
    if not match or "KEY" in lines[at] or keyed(lines, at, match.group(1)):
        return None
    if " NOT NULL" in lines[at]:
        return lines[:at] + [lines[at].replace(" NOT NULL", "", 1)] + lines[at + 1:]
    return lines[:at] + [lines[at].replace(match.group(0), match.group(0) + " NOT NULL", 1)] + lines[at + 1:]


def keyed(lines, at, name):
    """Keys are NOT NULL, said or not."""
    while not lines[at].startswith(")"):
        if re.match(rf"    PRIMARY KEY \(.*\b{name}\b", lines[at]):
            return True
        at += 1
    return False


def redefault(rng, lines, at):
    match = re.search(r" DEFAULT ('[^']*'|-?\d+)", lines[at])
    if match:
        return lines[:at] + [lines[at].replace(match.group(0), rng.choice(["", " DEFAULT 77"]), 1)] + lines[at + 1:]
    match = COLUMN.match(lines[at])
    if not match or "KEY" in lines[at] or " DEFAULT" in lines[at] or " AS (" in lines[at]:
        return None
    return lines[:at] + [lines[at].replace(match.group(0), match.group(0) + " DEFAULT 5", 1)] + lines[at + 1:]


def recheck(rng, lines, at):
    for pattern, new in ((r"<= (\d+)", lambda m: f"<= {int(m.group(1)) + 1}"), (r" OR \w+ = '\w+'", lambda m: ""),
                         (r"= '(\w+)'", lambda m: f"= '{m.group(1)}x'"), (r">= 0", lambda m: ">= 1")):
        if "CHECK" in lines[at] and re.search(pattern, lines[at]):
            return lines[:at] + [re.sub(pattern, new, lines[at], count=1)] + lines[at + 1:]
    return None


def recollate(rng, lines, at):
    match = re.match(r'    "?(\w+)"? TEXT', lines[at])
    if not match or "COLLATE" in lines[at]:
        return None
    return lines[:at] + [lines[at].replace(match.group(0), match.group(0) + " COLLATE NOCASE", 1)] + lines[at + 1:]


def add_column(rng, lines, at):
    if not COLUMN.match(lines[at]):
        return None
    kind = rng.choice(["TEXT", "INTEGER DEFAULT 3", "REAL CHECK (added_{0} > 0)", "TEXT AS ('x')", "BLOB NOT NULL"])
    number = rng.randrange(10 ** 6)
    return lines[:at] + [f"    added_{number} {kind.format(number)},"] + lines[at:]


def swap(rng, lines, at):
    if at + 1 == len(lines) or not COLUMN.match(lines[at]) or not COLUMN.match(lines[at + 1]):
        return None
    return lines[:at] + [lines[at + 1], lines[at]] + lines[at + 2:]


def reoption(rng, lines, at):
    if lines[at] == ") STRICT;":
        return lines[:at] + [rng.choice([");", ") STRICT, WITHOUT ROWID;"])] + lines[at + 1:]
    if lines[at] == ") STRICT, WITHOUT ROWID;":
        return lines[:at] + [rng.choice([") STRICT;", ") WITHOUT ROWID;"])] + lines[at + 1:]
    return None


def reaction(rng, lines, at):
    match = re.search(r" ON (DELETE|UPDATE) (CASCADE|SET NULL|RESTRICT|NO ACTION)", lines[at])
    if match:
        other = "" if match.group(2) != "NO ACTION" else f" ON {match.group(1)} CASCADE"
        return lines[:at] + [lines[at].replace(match.group(0), other, 1)] + lines[at + 1:]
    match = re.search(r"REFERENCES \w+ \([\w, ]+\)", lines[at])
    if not match:
        return None
    action = rng.choice([" ON DELETE CASCADE", " ON UPDATE SET NULL", " DEFERRABLE INITIALLY DEFERRED"])
    return lines[:at] + [lines[at].replace(match.group(0), match.group(0) + action, 1)] + lines[at + 1:]


def reindex(rng, lines, at):
    line = lines[at]
    if not re.match(r"CREATE (UNIQUE )?INDEX \w+ ON", line):
        return None
    first = re.search(r" ON \w+ \((\w+)", line).group(1)
    changed = rng.choice([line.replace("CREATE UNIQUE INDEX", "CREATE INDEX", 1) if "UNIQUE" in line
                          else line.replace("CREATE INDEX", "CREATE UNIQUE INDEX", 1),
                          line.replace(f"({first}", f"(lower({first})", 1),
                          line[:-1] + (" AND 1;" if " WHERE " in line else f" WHERE {first} <> 'q';"),
                          re.sub(rf"\({first} DESC", f"({first}", line) if f"({first} DESC" in line
                          else line.replace(f"({first}", f"({first} DESC", 1)])
    return lines[:at] + [changed] + lines[at + 1:]


def retrigger(rng, lines, at):
    if lines[at].strip() == "BEGIN":
        return lines[:at + 1] + [f"    SELECT {rng.randrange(1000)};"] + lines[at + 1:]
    if lines[at].startswith("CREATE VIEW") and lines[at].endswith(";"):
        return lines[:at] + [lines[at][:-1] + " LIMIT 7;"] + lines[at + 1:]
    return None


def add_object(rng, lines, at):
    if lines[at] != "":
        return None
    number = rng.randrange(10 ** 6)
    return lines[:at] + ["", f"CREATE TABLE extra_{number} (", "    id INTEGER PRIMARY KEY", ") STRICT;", ""] + lines[at:]


CHANGES = [drop, retype, toggle_null, redefault, recheck, recollate, add_column, swap, reoption, reaction,
           reindex, retrigger, add_object]


def with_commas(lines):
    """A comma behind every line between the parentheses but the last."""
    fixed, inside = [], False
    for at, line in enumerate(lines):
        if inside and not line.startswith(")"):
            sql, rest = split_comment(line)
            last = lines[at + 1].startswith(")")
            line = sql + ("" if last else ",") + rest.lstrip(",")
        inside = not line.startswith(")") and (inside or re.match(r"CREATE TABLE .*\($", line) is not None)
        fixed.append(line)
    return fixed


def runs(text):
    db = sqlite3.connect(":memory:")
    try:
        db.executescript(text)
        # A trigger or view that reads what is gone is kept by SQLite; the diff still compares it.
        return True
    except sqlite3.Error:
        return False
    finally:
        db.close()


def mutate(rng, text):
    """A text that differs and runs, and what was done to it."""
    lines, done = text.split("\n"), []
    for _ in range(rng.randint(1, 4)):
        for _ in range(200):
            change, at = rng.choice(CHANGES), rng.randrange(len(lines))
            if lines[at].startswith("--"):
                continue
            new = change(rng, lines, at)
            if new is not None and runs("\n".join(with_commas(new))):
                lines, _ = with_commas(new), done.append(f"{change.__name__}: {lines[at].strip()}")
                break
    return "\n".join(lines), done


# ---- what differs, line by line ----

def facts(text):
    """(object, part, line) for every line of SQL that is no comment: the object as `cleat diff` calls it."""
    found, owner, part = collections.Counter(), None, None
    order = {}
    for line in text.split("\n"):
        sql = split_comment(line)[0].rstrip()
        if sql == "" or sql.startswith("--"):
            continue
        table = re.match(r"CREATE (?:VIRTUAL )?TABLE (\w+)", sql)
        index = re.match(r"CREATE (?:UNIQUE )?INDEX (\w+) ON (\w+)", sql)
        trigger = re.match(r"CREATE TRIGGER (\w+) .* ON (\w+)", sql)
        view = re.match(r"CREATE VIEW (\w+)", sql)
        if table or view:
            owner, part = (table or view).group(1), None
        elif index or trigger:
            part, owner = (index or trigger).groups()
        column = COLUMN.match(line) if part is None else None
        if column:
            order.setdefault(owner, []).append(column.group(1))
        options = part is None and sql.startswith(")")
        found[(owner, part or (column and column.group(1)) or (options and ")") or None, sql)] += 1
    return found, order


def differences(old, new):
    """The (object, part) that some changed line is of."""
    (was, was_order), (is_, is_order) = facts(old), facts(new)
    wanted = {(owner, part) for owner, part, _ in (was - is_) + (is_ - was)}
    for owner in was_order.keys() & is_order.keys():
        left = [name for name in was_order[owner] if name in is_order[owner]]
        if left != [name for name in is_order[owner] if name in was_order[owner]]:
            wanted.add((owner, None))
    return wanted


WHOLE = {"table-added", "table-dropped", "view-added", "view-dropped", "view-changed", "virtual-added",
         "virtual-dropped", "virtual-changed"}
OPTIONS = {"strict", "without-rowid"}
# What stands in the line of a column and is told of the table.
IN_COLUMN = {"primary-key", "autoincrement", "conflict-clause", "check-added", "check-dropped", "column-order"}


def tells(changes, owner, part):
    """Whether a change of this owner, and where it is known of this part, was told. Of a table that is
    new or gone only the table is; a constraint of a column may be told by its columns: (a, b)."""
    for name, what, kind in changes:
        if name != owner:
            continue
        if kind in WHOLE or what == part or (part == ")" and kind in OPTIONS):
            return True
        if what.startswith("(") and (part is None or part in re.findall(r"\w+", what)):
            return True
        if what == "" and part != ")" and kind in IN_COLUMN or (part is None and kind.startswith("check-")):
            return True
    return False


def compare(tool, left, right):
    done = subprocess.run([tool, "diff", left, right, "--format", "json"], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"random_changes: {done.returncode}: {done.stderr}")
    found = {}
    for change in json.loads(done.stdout)["changes"]:
        database, owner, part = (change["object"] + "..").split(".")[:3]
        found.setdefault(database, set()).add((owner, part, change["kind"]))
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("snapshots")
    parser.add_argument("--states", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tool, rng, failures = os.path.realpath(options.tool), random.Random(options.seed), 0
    bases = [open(path).read() for path in sorted(glob.glob(options.snapshots + "/*.sql"))]
    bases = [text for text in bases if "CREATE" in text]
    with tempfile.TemporaryDirectory() as scratch:
        states = {}
        for number in range(options.states):
            base = rng.choice(bases)
            new, done = mutate(rng, base) if number % 10 else (base, [])
            # A name of its own for every table, or tables would move between the databases.
            names = set(re.findall(r"CREATE (?:VIRTUAL )?TABLE (\w+)", base + new))
            prefix = re.compile(r"\b(" + "|".join(sorted(names, key=len, reverse=True)) + r")\b")
            states[f"d{number}"] = tuple(prefix.sub(rf"\1_{number}", text) for text in (base, new)) + (done,)
        for side, at in (("old", 0), ("new", 1)):
            os.makedirs(f"{scratch}/{side}/generated/sql")
            for name, state in states.items():
                with open(f"{scratch}/{side}/generated/sql/{name}.sql", "w") as file:
                    file.write(state[at])
        os.chdir(scratch)
        there, back = compare(tool, "old", "new"), compare(tool, "new", "old")
        if compare(tool, "new", "new"):
            failures += 1
            print("FAILED: a state differs from itself")
        for name, (old, new, done) in states.items():
            wanted = differences(old, new)
            for found, way in ((there, "there"), (back, "back")):
                objects = found.get(name, set())
                missed = {pair for pair in wanted if not tells(objects, *pair)}
                if missed or bool(objects) != bool(wanted):
                    failures += 1
                    print(f"FAILED: {name} {way}: missed {sorted(map(str, missed))}, told {sorted(objects)}\n  "
                          + "\n  ".join(done))
    print(f"{options.states} states, seed {options.seed}, {failures} failures")
    sys.exit(1 if failures else 0)


main()

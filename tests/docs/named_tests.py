#!/usr/bin/env python3
"""named_tests.py CTEST BUILD DOCUMENT...: every test that a document names exists.

Enters: documents whose tables have a column `test`, and the build that knows the tests. A test is
named as `program`, by the name that ctest has for it, or as `program`: `case`, `case`; a case is a
function of a test program, or a directory of cases of a script, where * stands for any text.
Leaves: a line for each name that leads nowhere and for each row whose column names no test; exits
1 when there are some. Guaranteed: a program's name anywhere else in the document exists too.
"""
import json
import pathlib
import re
import subprocess
import sys

WORD = re.compile(r"`([^`]+)`")


def read_tests(ctest, build):
    """The command of every test, by its name."""
    output = subprocess.run([ctest, "--test-dir", build, "--show-only=json-v1"],
                            stdout=subprocess.PIPE, check=True).stdout
    return {test["name"]: test.get("command", []) for test in json.loads(output)["tests"]}


def has_case(command, case):
    """Whether the program or script has a case of this name."""
    program = pathlib.Path(command[0])
    cases = program.parent / program.stem.removeprefix("run_")
    if program.stem.startswith("run_") and cases.is_dir():
        return any(cases.glob(case))
    # cmocka keeps the names of its tests
    return b"\0" + case.encode() + b"\0" in program.read_bytes()


def split(line):
    """The cells of a row of a table, or none."""
    line = line.strip()
    if not line.startswith("|"):
        return []
    return [cell.strip() for cell in line.strip("|").split("|")]


def cells(lines):
    """Yields (number, cell) for the cells of columns named test."""
    column = None
    for number, line in enumerate(lines, 1):
        row = split(line)
        if not row:
            column = None
        elif column is None:
            column = row.index("test") if "test" in row else -1
        elif column >= 0 and set(line) - set("|-: \n"):
            yield number, row[column] if column < len(row) else ""


def check_cell(text, tests):
    """Yields what is wrong with the tests that a cell names."""
    program, before, end = None, None, 0
    named = False
    for match in WORD.finditer(text):
        word, between = match.group(1), text[end:match.start()].strip()
        end = match.end()
        if word in tests:
            program, before, named = word, "program", True
        elif (before == "program" and between == ":") or (before == "case" and between == ","):
            before = "case"
            if not has_case(tests[program], word):
                yield "%s has no case %s" % (program, word)
        else:
            before = "word"
    if not named:
        yield "no test is named"


def check(path, tests, prefixes):
    """Yields (number, what is wrong)."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, cell in cells(lines):
        for wrong in check_cell(cell, tests):
            yield number, wrong
    for number, line in enumerate(lines, 1):
        for word in WORD.findall(line):
            if re.fullmatch(r"[a-z0-9]+_\w+", word) and word not in tests:
                if word.split("_")[0] in prefixes:
                    yield number, "there is no test %s" % word


def main():
    ctest, build, documents = sys.argv[1], sys.argv[2], sys.argv[3:]
    tests = read_tests(ctest, build)
    # of the families: one test of its own makes none
    first = [name.split("_")[0] for name in tests]
    prefixes = {prefix for prefix in first if first.count(prefix) > 3}
    found = 0
    for document in documents:
        for number, wrong in check(pathlib.Path(document), tests, prefixes):
            print("%s:%d: %s" % (document, number, wrong))
            found += 1
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()

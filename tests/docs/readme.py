#!/usr/bin/env python3
"""readme.py README DIRECTORY: the schema and the program of the README, as files to compile.

Enters: README.md, whose first C block is a schema of the database library and whose second one
uses it. Leaves in DIRECTORY, only when they change: schemas/library/db_models.h with the first,
word for word, and readme.inc with the second, for readme.c, where the "…" of a loop's body counts
the rows.
"""
import os
import sys

from extract import blocks


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def main(readme, directory):
    with open(readme, encoding="utf-8") as file:
        found = list(blocks(file.read().splitlines()))
    if len(found) != 2:
        raise SystemExit(f"README.md: {len(found)} C blocks, not the schema and the program")
    (_, _, schema, _), (start, _, program, _) = found
    text = "\n".join(program).replace("{ … }", "{ rows++; }")
    write(f"{directory}/schemas/library/db_models.h", "\n".join(schema) + "\n")
    write(f"{directory}/readme.inc", f'#line {start} "README.md"\n{text}\n')


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])

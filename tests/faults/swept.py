#!/usr/bin/env python3
"""swept.py NM HEADERS LIBRARY MEMBER...: every public function is in the sweeps of faults.

Enters: the directory of the public headers, and the members of a library that hold the lists of
calls and operations. Leaves: a line for each function that no list calls; exits 1 when there are
some. Functions that are defined in a header are left out: they touch neither memory nor disk.
"""
import pathlib
import re
import subprocess
import sys

FUNCTION = re.compile(r"\b(cleat_\w+)\(")


def read_functions(directory):
    """The functions that headers declare and do not define."""
    functions = set()
    for header in sorted(pathlib.Path(directory).glob("*.h")):
        text = header.read_text(encoding="utf-8")
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        text = re.sub(r"^#.*?(?<!\\)$", "", text, flags=re.DOTALL | re.MULTILINE)
        for declaration in re.findall(r"[^;{}]*;", text):
            found = FUNCTION.search(declaration)
            if found and "typedef" not in declaration and "return" not in declaration:
                functions.add(found.group(1))
    return functions


def read_calls(nm, library, members):
    """The names that the members take from elsewhere."""
    output = subprocess.run([nm, "--undefined-only", library], stdout=subprocess.PIPE, check=True,
                            text=True).stdout
    calls, member = set(), None
    for line in output.splitlines():
        if line.endswith(":"):
            member = line[:-1].split("/")[-1].split(".")[0]
        elif member in members and line.strip():
            calls.add(line.split()[-1].lstrip("_"))
    return calls


def main():
    nm, headers, library, members = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    functions = read_functions(headers)
    missing = sorted(functions - read_calls(nm, library, members))
    for name in missing:
        print("%s is in no sweep" % name)
    print("%d public functions, %d in no sweep" % (len(functions), len(missing)))
    sys.exit(1 if missing or not functions else 0)


if __name__ == "__main__":
    main()

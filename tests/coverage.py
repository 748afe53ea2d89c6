"""coverage.py: what the tests reach of a directory's C sources, from gcov's figures of a build with
`--coverage`. Prints lines and branches per file, and in total; with --missing also what was never
reached. Exits 1 when the total is under what is asked for.

A line or branch of a header counts once, however many objects have it."""

import argparse
import json
import pathlib
import subprocess
import sys


class File:
    def __init__(self):
        self.lines = {}
        self.branches = {}

    def add(self, line):
        number = line["line_number"]
        self.lines[number] = self.lines.get(number, 0) + line["count"]
        # the compiler may have made several objects' branches of a line differently: by place
        for place, branch in enumerate(line["branches"]):
            key = number, place
            self.branches[key] = self.branches.get(key, 0) + branch["count"]


def read(build, sources, gcov):
    """The files below `sources`, by their path from there."""
    files = {}
    objects = sorted(build.rglob("*.gcda"))
    for start in range(0, len(objects), 20):
        command = [gcov, "--branch-probabilities", "--json-format", "--stdout"]
        command += [str(path) for path in objects[start:start + 20]]
        output = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=build).stdout
        for text in output.splitlines():
            if not text.strip():
                continue
            for file in json.loads(text)["files"]:
                path = (build / file["file"]).resolve()
                if sources not in path.parents:
                    continue
                found = files.setdefault(str(path.relative_to(sources)), File())
                for line in file["lines"]:
                    found.add(line)
    return files


def share(counts):
    return 100.0 * sum(count > 0 for count in counts) / len(counts) if counts else 100.0


def ranges(numbers):
    """Numbers as 1-3, 7."""
    parts = []
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join("%d" % a if a == b else "%d-%d" % (a, b) for a, b in parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--sources", type=pathlib.Path, required=True)
    parser.add_argument("--gcov", default="gcov")
    parser.add_argument("--lines", type=float, default=0, help="per cent of lines asked for")
    parser.add_argument("--branches", type=float, default=0)
    parser.add_argument("--missing", action="store_true", help="print what was not reached")
    arguments = parser.parse_args()
    files = read(arguments.build.resolve(), arguments.sources.resolve(), arguments.gcov)
    if not files:
        sys.exit("coverage.py: there are no figures: have the tests run?")
    lines, branches = [], []
    for name in sorted(files):
        file = files[name]
        print("%-32s lines %5.1f%% of %5d   branches %5.1f%% of %5d"
              % (name, share(file.lines.values()), len(file.lines),
                 share(file.branches.values()), len(file.branches)))
        if arguments.missing:
            print("    lines: %s" % ranges(sorted(n for n, c in file.lines.items() if c == 0)))
            print("    branches: %s" % ranges(sorted({n for (n, _), c in file.branches.items()
                                                      if c == 0 and file.lines[n] > 0})))
        lines += file.lines.values()
        branches += file.branches.values()
    print("%-32s lines %5.1f%% of %5d   branches %5.1f%% of %5d"
          % ("all", share(lines), len(lines), share(branches), len(branches)))
    if share(lines) < arguments.lines or share(branches) < arguments.branches:
        sys.exit("coverage.py: under %.0f%% of lines or %.0f%% of branches"
                 % (arguments.lines, arguments.branches))


if __name__ == "__main__":
    main()

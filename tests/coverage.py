"""coverage.py: what the tests reach of a directory's C sources, from gcov's figures of a build with
`--coverage`. Prints lines, branches and error exits per file, and in total; with --missing also each
line that was never reached, and each that always went one way. Exits 1 when the total is under what
is asked for.

A line or branch of a header counts once, however many objects have it. An error exit is a line that
makes a failure or passes one on. One that does so only in some cases, `ok ? CLEAT_OK : fail(…)`, is
reached when each of its cases was."""

import argparse
import json
import pathlib
import re
import subprocess
import sys

# What says that something failed: a status, a code of SQLite's or of the system.
STATUSES = ("ERROR|CONFLICT|FOREIGN_KEY|NOT_NULL|CHECK|BUSY|FULL|READONLY|CORRUPT|NOMEM|MISUSE|"
            "DRIFT|NEWER|PARTIAL|FORKED|CANNOT_OPEN|IO|TOO_BIG|VALUE|INTERRUPTED")
CODES = ("ERROR|INTERNAL|PERM|ABORT|BUSY|LOCKED|NOMEM|READONLY|INTERRUPT|IOERR|IOERR_READ|CORRUPT|"
         "NOTFOUND|FULL|CANTOPEN|PROTOCOL|SCHEMA|TOOBIG|CONSTRAINT|MISMATCH|MISUSE|AUTH|RANGE|"
         "NOTADB|DENY")
FAILURE = r"(?:CLEAT_(?:" + STATUSES + r")|SQLITE_(?:" + CODES + r")|errno)\b(?! [=!<>])"
VALUE = (r"(?:(?:\w+(?:->|\.))*(?:rc|code|status|end|false|NULL)\b(?! [=!<>&|?])|-1\b(?! : 1)|"
         + FAILURE + r")")
# It returns that, or what may have it, perhaps on a line of its own; sets something to it; or calls
# what makes an error of it.
ERROR_EXIT = re.compile(
    r"\breturn (?:[^;]*[?:] )?" + VALUE + r"|^[?:] " + VALUE +
    r"|(?<![=!<>])= (?:[^;=]*[?:] )?" + FAILURE +
    r"|\b(?:failed|broken) = true"
    r"|\w*(?:fail|refuse|error_(?:set|sqlite|memory|open)|result_error|violations_add|add_drift)\w*\("
    r"|\breport\(")


# An exit in one case of several; NULL or false there is mostly an answer.
PARTLY = re.compile(r" \? .*(?:\b(?:rc|code|status)\b(?! [=!<>])|" + FAILURE + r"|\w*fail\w*\()")


class File:
    def __init__(self, path):
        self.lines = {}
        self.partly = {}  # whether some of a line that was reached never was
        self.branches = {}
        self.text = path.read_text(encoding="utf-8").splitlines()

    def add(self, line):
        number = line["line_number"]
        self.lines[number] = self.lines.get(number, 0) + line["count"]
        if line["count"] > 0:
            # in one of the objects all of it may have been
            self.partly[number] = self.partly.get(number, True) and line["unexecuted_block"]
        # the compiler may have made several objects' branches of a line differently: by place
        for place, branch in enumerate(line["branches"]):
            key = number, place
            self.branches[key] = self.branches.get(key, 0) + branch["count"]

    def text_of(self, number):
        return self.text[number - 1].strip() if number <= len(self.text) else ""

    def is_error_exit(self, number):
        definition = number <= len(self.text) and not self.text[number - 1].startswith(" ")
        return not definition and ERROR_EXIT.search(self.text_of(number)) is not None

    def error_exits(self):
        """How often each was taken, by its line."""
        return {number: 0 if self.partly.get(number) and PARTLY.search(self.text_of(number))
                else count
                for number, count in self.lines.items()
                if self.is_error_exit(number)}

    def print_missing(self):
        exits = self.error_exits()
        for number in sorted(self.lines):
            ways = [count for (line, _), count in self.branches.items() if line == number]
            if exits.get(number) == 0:
                what = "error exit"
            elif self.lines[number] == 0:
                what = "line"
            elif 0 in ways:
                what = "%d of %d ways" % (ways.count(0), len(ways))
            else:
                continue
            print("    %5d %-11s %s" % (number, what, self.text_of(number)))


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
                found = files.setdefault(str(path.relative_to(sources)), File(path))
                for line in file["lines"]:
                    found.add(line)
    return files


def share(counts):
    return 100.0 * sum(count > 0 for count in counts) / len(counts) if counts else 100.0


def print_figures(name, lines, branches, exits):
    print("%-34s lines %5.1f%% of %5d   branches %5.1f%% of %5d   error exits %5.1f%% of %4d"
          % (name, share(lines), len(lines), share(branches), len(branches), share(exits),
             len(exits)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--sources", type=pathlib.Path, required=True)
    parser.add_argument("--gcov", default="gcov")
    parser.add_argument("--lines", type=float, default=0, help="per cent of lines asked for")
    parser.add_argument("--branches", type=float, default=0)
    parser.add_argument("--exits", type=float, default=0, help="per cent of error exits")
    parser.add_argument("--missing", action="store_true", help="print what was not reached")
    arguments = parser.parse_args()
    files = read(arguments.build.resolve(), arguments.sources.resolve(), arguments.gcov)
    if not files:
        sys.exit("coverage.py: there are no figures: have the tests run?")
    lines, branches, exits = [], [], []
    for name in sorted(files):
        file = files[name]
        figures = [list(counts.values())
                   for counts in (file.lines, file.branches, file.error_exits())]
        print_figures(name, *figures)
        if arguments.missing:
            file.print_missing()
        for counts, those in zip((lines, branches, exits), figures):
            counts += those
    print_figures("all", lines, branches, exits)
    asked = (("lines", lines, arguments.lines), ("branches", branches, arguments.branches),
             ("error exits", exits, arguments.exits))
    under = ["%g %% of %s" % (least, what)
             for what, counts, least in asked if share(counts) < least]
    if under:
        sys.exit("coverage.py: under " + ", under ".join(under))


if __name__ == "__main__":
    main()

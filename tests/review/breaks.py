#!/usr/bin/env python3
"""breaks.py TOOL INCLUDE [COMPILER]: the C that breaks is the C that is named.

A consumer is made of the old headers that uses every function, flag, constant and member as it was,
one a line. It is compiled against the new headers of each change: the lines that the compiler
refuses must be of the names that `cleat diff` tells, and every name that it tells is refused."""

import json
import os
import re
import subprocess
import sys
import tempfile

import gallery

QUERY = "schemas/catalog/db_queries.sql"
CHANGES = [change for change in gallery.PULL_REQUESTS if change[0][:2] in ("02", "04", "05", "06", "07", "11", "12")] + [
    ("query-parameter", "A query with another parameter",
     gallery.edit(QUERY, ("b.author_id = :author_id", "b.author_id = :author_id AND b.title > :title"))),
    ("query-column", "A query with another column", gallery.edit(QUERY, ("SELECT b.id, b.title", "SELECT b.title, b.pages"))),
    ("query-kind", "A query that finds one", gallery.edit(QUERY, (":many", ":one"), ("b.title;", "b.title LIMIT 1;"))),
    ("query-gone", "No query", gallery.edit(QUERY, ("books_of_author", "books_written_by"))),
    ("null", "A column that may be NULL", gallery.edit(gallery.MODELS, ("added_at NOT_NULL DEFAULT_NOW", "added_at"))),
    ("key", "Another key", gallery.edit(gallery.MODELS, ("    integer id      PRIMARY_KEY;\n    integer book_id",
                                                        "    ulid    id      PRIMARY_KEY;\n    integer book_id"))),
    ("unique", "An index less", gallery.edit(gallery.MODELS, ("LENGTH(200) INDEX", "LENGTH(200)"))),
]
failures = 0


def expect(what, condition, shown=""):
    global failures
    if not condition:
        failures += 1
        print("FAILED:", what, "\n" + shown)


def uses_of(text):
    """(name, a line of C that uses it as it is declared here) for all that a header gives."""
    plain = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    for result, name, parameters in re.findall(r"^static inline ([^\n;{]+)\n(\w+)\(([^)]*)\)", plain, re.M):
        yield name, f"{{ {result} (*use)({' '.join(parameters.split())}) = {name}; (void)use; }}"
    for name in re.findall(r"^#define (\w+) CLEAT_COLUMN_BIT\(", plain, re.M):
        yield name, f"(void){name};"
    for body in re.findall(r"^enum \w+ \{\n(.*?)\n\}", plain, re.M | re.S):
        for name in re.findall(r"^    (\w+)", body, re.M):
            yield name, f"(void){name};"
    for row, body in re.findall(r"^typedef struct (\w+) \{\n(.*?)\n\}", plain, re.M | re.S):
        for kind, name, size in re.findall(r"([^;{}]+?)(\w+)(\[\w+\])?;", body):
            kind = " ".join(kind.split())
            pointer = f"{kind} (*use){size}" if size else f"{kind} *use"
            yield f"{row}.{name}", f"{{ {pointer} = &(({row} *)0)->{name}; (void)use; }}"


def headers(top):
    found = []
    for directory, _, files in os.walk(top):
        found += [os.path.join(directory, name) for name in files if name.endswith(".cleat.h")]
    return sorted(found)


def broken(compiler, include, consumer):
    """The numbers of the lines that the compiler refuses."""
    done = subprocess.run([*compiler, "-std=c11", "-fsyntax-only", "-Werror=incompatible-pointer-types", "-I", include,
                           "-I", "generated", consumer], capture_output=True, text=True)
    found = re.findall(rf"^{re.escape(consumer)}:(\d+):\d+: (?:fatal )?error: ", done.stderr, re.M)
    other = re.findall(r"^(?!consumer)[\w/.]+:\d+:\d+: error: .*", done.stderr, re.M)
    expect("the new headers compile", not other, "\n".join(other))
    return {int(number) for number in found}


def write_consumer(path, names):
    """The old uses against the headers that are there now."""
    with open(path, "w") as file:
        for header in headers("generated"):
            file.write(f'#include "{os.path.relpath(header, "generated")}"\n')
        file.write("void consumer(void);\nvoid\nconsumer(void)\n{\n")
        first = sum(1 for _ in headers("generated")) + 5
        for at, (name, use) in enumerate(names):
            file.write(use + "\n")
        file.write("}\n")
    return {first + at: name for at, (name, _) in enumerate(names)}


def check(tool, compiler, include, what, old, new):
    """From one revision to another."""
    gallery.git("checkout", "-q", old)
    names = [pair for header in headers("generated") for pair in uses_of(open(header).read())]
    names = list(dict(names).items())
    expect(f"{what}: a consumer of what is there compiles",
           broken(compiler, include, "consumer.c") == set() if write_consumer("consumer.c", names) else False)
    gallery.git("checkout", "-q", new)
    lines = write_consumer("consumer.c", names)
    refused = {lines[number] for number in broken(compiler, include, "consumer.c")}
    found = json.loads(gallery.run(tool, "diff", old, new, "--format", "json", fine=(0, 1)))
    told = {change["name"] for change in found["api"]}
    text = " ".join(finding["text"] for finding in found["findings"] if finding["class"] == "API")
    expect(f"{what}: broken and not told", not refused - told, str(sorted(refused - told)))
    expect(f"{what}: told and not broken", not told - refused, str(sorted(told - refused)))
    expect(f"{what}: a finding of class API", bool(told) == bool(text), text)
    return len(refused)


def main():
    tool, include = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
    compiler = sys.argv[3:] or ["cc"]
    count = 0
    os.environ.update({"CLEAT_CACHE_DIR": "", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
                       "LC_ALL": "C.UTF-8"})
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        gallery.git("init", "-q", "-b", "main")
        for path, text in gallery.BASE.items():
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(text)
        gallery.run(tool, "generate")
        gallery.git("add", ".")
        gallery.git("commit", "-q", "-m", "The library")
        with open(".git/info/exclude", "a") as file:
            file.write("consumer.c\n")
        for name, _, change in CHANGES:
            gallery.git("checkout", "-q", "-b", name, "main")
            change()
            gallery.run(tool, "generate")
            gallery.git("commit", "-q", "-a", "-m", name)
            count += check(tool, compiler, include, name, "main", name)
            count += check(tool, compiler, include, f"{name} back", name, "main")
    expect("something breaks", count > 100)
    print(f"{2 * len(CHANGES)} changes, {count} names that break, {failures} failures")
    sys.exit(1 if failures else 0)


main()

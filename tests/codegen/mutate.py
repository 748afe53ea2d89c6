#!/usr/bin/env python3
"""mutate.py: what the tool does with schemas that are nearly right.

Each run changes a good schema at a few tokens or bytes and generates from it. The tool must exit
with 0, and then what it wrote compiles and runs in SQLite, or with 1, and then it says where the
error is and writes nothing. A signal, a sanitizer's report, another status and more than ten
seconds are failures; the schemas that led to them are kept in the directory that is printed.

Usage: mutate.py TOOL CORPUS_DIR [--runs N] [--seed N] [--include DIR] [--keep DIR]

The same seed makes the same schemas, on every machine.
"""

import argparse
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

TOKEN = re.compile(rb'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/|[A-Za-z_]\w*|\d[\w.]*|\s+|.', re.S)
PLACE = re.compile(r"^[^\n]+:\d+:\d+: error: .+ \[[a-z0-9-]+\]$", re.M)
LIMIT_SECONDS = 10
COMPILE = ["gcc", "-x", "c", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion",
           "-Wshadow", "-Werror", "-fsyntax-only"]
STRANGE = [b"\x00", b"\xff", b"\\\n", b"\\", b"??/", b"*/", b"/*", b"//", b'"', b"'", b"`", b"#",
           b"%s%n", b"@", b"@p@", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"\r", b"\t", b"-- ", b";",
           b"$",
           b"R\"x(", b"u8\"", b"L'", b"0x", b"1e999", b"18446744073709551616", b"-", b"{", b"}",
           b"(", b")", b"[", b"]", b",", b"(((", b")))", b"_Pragma(\"x\")", b"__COUNTER__",
           b"__attribute__((annotate(\"cleat1:\")))",
           b"__attribute__((annotate(\"cleat1:length x\")))",
           b"#include <stdio.h>\n", b"#include \"db_models.h\"\n", b"\n#define NOT_NULL\n",
           b"\n#undef TABLE\n", b"\n#if 0\n", b"\n#endif\n", b"\n#error x\n", b"enum e { E };",
           b"enum", b"typedef", b"struct", b"int", b"static", b"extern", b"const", b"volatile",
           b"*",
           b":3", b"[4]", b"PRIMARY_KEY", b"NOT_NULL", b"UNIQUE", b"INDEX", b"AUTOINCREMENT",
           b"WITHOUT_ROWID;", b"NOT_STRICT;", b"DEFAULT_NOW", b"UPDATE_NOW", b"DEFAULT(NULL)",
           b"DEFAULT(1.5)", b"DEFAULT(random())", b"LENGTH(1)", b"CHECK(1)", b"GENERATED(1)",
           b"NAMED(\"x y\")", b"NAMED(\"\")", b"REFERENCES(x)", b"SOFT_REFERENCES(a.b)",
           b"COLLATE(RTRIM)", b"PRIMARY_KEY_ON(id);", b"UNIQUE_ON(id, id);", b"INDEX_ON();",
           b"FULL_TEXT_ON(f, title);", b"CHECK_ROW(1);", b"FOREIGN_KEY_ON((id), t(id));",
           b"DROPPED(x, \"y\");", b"TABLE_WAS(x);", b"WHERE(1)", b"TABLE(t) {", b"};",
           b"DATABASE_NAME", b"integer", b"text", b"blob", b"real", b"json", b"ulid", b"boolean"]


def places(tokens, wanted):
    return [at for at, token in enumerate(tokens) if wanted(token)]


def mutate_gently(tokens, rng, kind):
    """A change that often leaves a schema which is still good C, but says something else."""
    names = places(tokens, lambda token: token[:1].isalpha())
    ends = places(tokens, lambda token: token == b";")
    if not names or not ends:
        return
    if kind == 10:
        tokens.insert(rng.choice(ends), b" " + rng.choice(STRANGE))
    elif kind == 11:
        at, other = rng.choice(names), rng.choice(names)
        tokens[at], tokens[other] = tokens[other], tokens[at]
    elif kind == 12:
        tokens[rng.choice(names)] = rng.choice(tokens)
    else:
        at = rng.choice(ends)
        before = max((end for end in ends if end < at), default=at)
        del tokens[before:at]


def mutate(source, rng):
    tokens = TOKEN.findall(source)
    for _ in range(rng.choice([1, 1, 1, 2, 2, 3, 6])):
        if not tokens:
            break
        at = rng.randrange(len(tokens))
        other = rng.randrange(len(tokens))
        kind = rng.randrange(14)
        if kind <= 1:
            del tokens[at]
        elif kind == 2:
            tokens.insert(at, tokens[at])
        elif kind == 3:
            tokens[at], tokens[other] = tokens[other], tokens[at]
        elif kind == 4:
            tokens[at] = tokens[other]
        elif kind <= 7:
            tokens.insert(at, rng.choice(STRANGE))
        elif kind == 8:
            token = bytearray(tokens[at])
            token[rng.randrange(len(token))] = rng.randrange(256)
            tokens[at] = bytes(token)
        elif kind == 9:
            del tokens[at:at + rng.randrange(1, 12)]
        else:
            mutate_gently(tokens, rng, kind)
    return b"".join(tokens)


def snapshot_fault(out):
    for path in sorted(out.glob("sql/*.sql")):
        connection = sqlite3.connect(":memory:")
        try:
            connection.executescript(path.read_text(encoding="utf-8"))
        except (sqlite3.Error, UnicodeDecodeError) as error:
            return f"{path.name}: {error}"
        finally:
            connection.close()
    return None


def compile_fault(out, include):
    sources = sorted(path.relative_to(out) for path in out.rglob("*.c"))
    text = "".join(f'#include "{path}"\n' for path in sources)
    result = subprocess.run(COMPILE + [f"-I{out}", f"-I{include}", "-"], input=text, text=True,
                            capture_output=True, check=False)
    return None if result.returncode == 0 else "does not compile: " + result.stderr[:2000]


def fault_of(tool, work, include):
    """Runs the tool once. Returns what is wrong, or None, and the exit status."""
    out = work / "out"
    shutil.rmtree(out, ignore_errors=True)
    try:
        result = subprocess.run([tool, "generate", "--out", str(out)], cwd=work,
                                capture_output=True, timeout=LIMIT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"takes more than {LIMIT_SECONDS} seconds", None
    errors = result.stderr.decode("utf-8", "replace")
    status = result.returncode
    if status not in (0, 1) or "Sanitizer" in errors or "runtime error" in errors:
        return f"status {status}: {errors[:4000]}", status
    if result.stdout:
        return "something on standard output", status
    if status == 1:
        if out.exists():
            return "status 1, and something is written", status
        if "cleat-main.c" in errors or not PLACE.search(errors):
            return f"an error without a place in a schema: {errors}", status
        return None, status
    if errors:
        return f"status 0, and something on standard error: {errors}", status
    return snapshot_fault(out) or (include and compile_fault(out, include)), status


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("corpus", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--include", help="where cleat/table.h is: also compile what is generated")
    parser.add_argument("--keep", type=pathlib.Path, help="where failing schemas go")
    arguments = parser.parse_args()
    corpus = sorted(path for path in arguments.corpus.glob("**/schemas/**/*.h")
                    if not any(part.startswith(".") for part in path.parts))
    if not corpus:
        parser.error(f"no schemas below {arguments.corpus}")
    include = arguments.include if shutil.which("gcc") else None
    tool = str(pathlib.Path(arguments.tool).resolve())
    failures = 0
    counts = {0: 0, 1: 0}
    keep = None
    for seed in range(arguments.seed, arguments.seed + arguments.runs):
        rng = random.Random(seed)
        victim = rng.choice(corpus)
        root = victim
        while root.name != "schemas":
            root = root.parent
        with tempfile.TemporaryDirectory() as directory:
            work = pathlib.Path(directory)
            shutil.copytree(root, work / "schemas")
            (work / "schemas" / victim.relative_to(root)).write_bytes(
                mutate(victim.read_bytes(), rng))
            fault, status = fault_of(tool, work, include)
            counts[status] = counts.get(status, 0) + 1
            if fault is not None:
                failures += 1
                keep = keep or arguments.keep or pathlib.Path(tempfile.mkdtemp(prefix="mutate-"))
                kept = keep / str(seed)
                shutil.copytree(work / "schemas", kept / "schemas", dirs_exist_ok=True)
                (kept / "fault.txt").write_text(fault, encoding="utf-8")
                print(f"FAILED: seed {seed}, {kept}: {fault[:600]}", flush=True)
    print(f"{arguments.runs} schemas: {counts[0]} generated, {counts[1]} refused, "
          f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

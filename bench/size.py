"""size.py: what a table costs in a program: bytes of code and data, by size(1), of the objects that
-O2 makes of the generated files of 100 tables of 10 columns. The objects of the modules and the
init table, which has the text of the schema, are counted apart.

usage: size.py --tool build/bin/cleat --work build/bench [--compiler cc] [--include DIRECTORY]"""

import argparse
import pathlib
import shutil
import subprocess
import sys

import modules

MODULES = 10
BAR = 600.0
RUNTIME_INCLUDE = pathlib.Path(__file__).resolve().parent.parent / "runtime" / "include"


def run(command):
    try:
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit("size.py: %s" % error)


def object_bytes(compiler, include, out, source):
    """text and data of one compiled file."""
    target = source.with_suffix(".o")
    run([compiler, "-std=c11", "-O2", "-I", str(include), "-I", str(out), "-c", str(source), "-o",
         str(target)])
    text, data = run(["size", str(target)]).splitlines()[1].split()[:2]
    return int(text) + int(data)


def measure(tool, work, compiler, include=RUNTIME_INCLUDE):
    """Prints a table; returns rows for results.json."""
    schemas = work / "size_modules"
    out = work / "size_generated"
    modules.write(schemas, MODULES, 10)
    shutil.rmtree(out, ignore_errors=True)
    run([tool, "generate", "--schemas", str(schemas), "--out", str(out)])
    tables = MODULES * modules.TABLES_PER_MODULE
    sources = sorted(out.glob("**/*.cleat.c"))
    per_table = sum(object_bytes(compiler, include, out, source) for source in sources) / tables
    init_table = object_bytes(compiler, include, out, out / "init_table.c") / tables
    shutil.rmtree(out)
    shutil.rmtree(schemas)
    print("\nobject size, %d tables of 10 columns, -O2, bytes of text and data per table" % tables)
    print("%-24s %8.0f" % ("modules", per_table))
    print("%-24s %8.0f" % ("init table", init_table))
    print("bar: at most %.0f bytes per table in the modules: %s"
          % (BAR, "met" if per_table <= BAR else "MISSED"))
    return [{"workload": "object_bytes_per_table", "impl": "cleat",
             "modules": round(per_table), "init_table": round(init_table)}]


def main():
    parser = argparse.ArgumentParser(description="Measures the objects of generated files.")
    parser.add_argument("--tool", required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--compiler", default="cc")
    parser.add_argument("--include", type=pathlib.Path, default=RUNTIME_INCLUDE)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    measure(arguments.tool, arguments.work, arguments.compiler, arguments.include)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""extract.py DOCUMENT NAME OUTPUT: the C blocks of a document become functions of one C file.

Enters: a Markdown document and the name that messages shall give it. Leaves: OUTPUT with one
function per block that starts with three backquotes and "c", and the table `snippets` of bed.h.
Lines keep their numbers, so that a compiler's message points into the document. A block after a
comment line that begins with "<!-- not run:" and gives the reason is left out, with a warning on
standard error; more than two of them are an error, as is a block that does not end.
"""
import sys

SKIP = "<!-- not run:"
SKIPPED_MAX = 2


def blocks(lines):
    """Yields (line of the first statement, heading, code, reason to skip or None)."""
    heading, reason, code, start = "", None, None, 0
    for number, line in enumerate(lines, 1):
        if code is not None:
            if line.startswith("```"):
                yield start, heading, code, reason
                code = reason = None
            else:
                code.append(line)
        elif line.strip() == "```c":
            code, start = [], number + 1
        elif line.startswith("```"):
            reason = None
        elif line.startswith("#"):
            heading = line.lstrip("#").strip()
        elif line.startswith(SKIP):
            reason = line[len(SKIP):].replace("-->", "").strip() or "no reason given"
    if code is not None:
        raise SystemExit(f"line {start}: the block does not end")


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


PARAMETERS = """cleat_registry *registry, cleat_session *s, cleat_session *p, int64_t notes,
          int64_t document, const char *workspace, const char *run"""
NAMES = "registry s p notes document workspace run".split()


def function(number, name, start, code):
    used = "".join(f"    (void){each};\n" for each in NAMES)
    body = "\n".join(code)
    return (f"static void\nsnippet_{number}({PARAMETERS})\n{{\n{used}"
            f"#line {start} {quoted(name)}\n{body}\n}}\n\n")


def main(document, name, output):
    with open(document, encoding="utf-8") as file:
        lines = file.read().splitlines()
    functions, rows, skipped = [], [], 0
    for start, heading, code, reason in blocks(lines):
        if reason is not None:
            print(f"{name}:{start}: warning: not run: {reason}", file=sys.stderr)
            skipped += 1
            continue
        rows.append(f"    {{{quoted(name)}, {start}, {quoted(heading)}, snippet_{len(rows)}}},\n")
        functions.append(function(len(functions), name, start, code))
    if skipped > SKIPPED_MAX:
        raise SystemExit(f"{name}: {skipped} blocks are not run, {SKIPPED_MAX} may be")
    with open(output, "w", encoding="utf-8") as file:
        file.write('#include "bed.h"\n\n')
        file.writelines(functions)
        file.write("const snippet snippets[] = {\n" + "".join(rows))
        file.write('    {"", 0, "", NULL},\n};\n')


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])

"""instructions.py: instructions per operation by hand and through cleat, counted by callgrind. They
are the same in every run and do not depend on the neighbours; what they leave out is the system's
part and what a cache costs. Says loudly that it needs valgrind where that is missing."""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

PROGRAMS = ["bench_runtime", "bench_sets"]
NOMUTEX = "bench_nomutex"  # the hand-written code on connections without a mutex


def workloads(output):
    """The lines of a program that say what was measured: name, implementation, operations."""
    for line in output.splitlines():
        if line.startswith("bench "):
            fields = dict(word.split("=", 1) for word in line.split()[1:])
            yield fields["workload"], fields["impl"], int(fields["ops"])


def total(path):
    found = re.search(r"^totals: (\d+)$", path.read_text(), re.MULTILINE)
    return int(found.group(1))


def count(program, rows, reads, updates):
    """Instructions per operation by workload and implementation. Each workload begins and ends with
    a call of hb_now(), before which callgrind writes down what has been since the last one."""
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        output = subprocess.run(
            ["valgrind", "--tool=callgrind", "--dump-before=hb_now",
             "--callgrind-out-file=%s" % (work / "parts"), str(program),
             "--db", str(work / "bench.db"), "--rows", str(rows), "--reads", str(reads),
             "--updates", str(updates), "--reps", "1"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True).stdout
        parts = [work / ("parts.%d" % (i + 1)) for i in range(len(list(work.glob("parts.*"))))]
        measured = list(workloads(output))
        if len(parts) < 2 * len(measured):
            sys.exit("instructions.py: %s was not measured" % program)
        return {(name, impl): total(parts[2 * i + 1]) / operations
                for i, (name, impl, operations) in enumerate(measured)}


def print_costs(name, costs, nomutex):
    same = "get_view" if name == "get_view_alone" else name
    own, hand = costs[name, "cleat"], costs[same, "hand"]
    line = "%-22s %9.0f %9.0f (%4.2fx)" % (name, hand, own, own / hand)
    if same in nomutex:
        line += " %9.0f (%4.2fx)" % (nomutex[same], own / nomutex[same])
    print(line, flush=True)


def main():
    parser = argparse.ArgumentParser(description="Counts instructions per operation.")
    parser.add_argument("--programs", type=pathlib.Path, required=True,
                        help="the directory of bench_runtime and bench_sets")
    parser.add_argument("--rows", type=int, default=20000)
    parser.add_argument("--reads", type=int, default=10000)
    parser.add_argument("--updates", type=int, default=5000)
    arguments = parser.parse_args()
    if shutil.which("valgrind") is None:
        print("*** instructions skipped: valgrind is not installed ***")
        return
    amounts = arguments.rows, arguments.reads, arguments.updates
    nomutex = {}
    if (arguments.programs / NOMUTEX).exists():
        nomutex = {name: cost for (name, _), cost
                   in count(arguments.programs / NOMUTEX, *amounts).items()}
    print("instructions per operation, and ratio of cleat to hand-written code")
    print("%-22s %9s %9s %18s" % ("", "hand", "cleat", "hand, no mutex"))
    for program in PROGRAMS:
        costs = count(arguments.programs / program, *amounts)
        for name, impl in costs:
            if impl == "cleat":
                print_costs(name, costs, nomutex)


if __name__ == "__main__":
    main()

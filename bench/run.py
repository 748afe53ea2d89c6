"""run.py: the whole benchmark. Runs, in some rounds, bench_runtime, which does the workloads by hand
and through cleat by turns, and every peer that was built; then bench_sets, the set operations, and
the measurements of the tool. Compares all checksums, prints tables and writes them to a JSON file.

Times are CPU time of the process, the least of all repetitions. Beside their ratio stands the median
of the ratios of each repetition, in which both were at work one after the other: that of few
repetitions moves less on a machine with neighbours. Exits 1 when a checksum differs from that of
the hand-written code: then some time is that of other work."""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

import generation
import size

# By name: the package that brings the library.
PEERS = {
    "sqlitecpp": "libsqlitecpp-dev",
    "soci": "libsoci-dev",
    "libzdb": "libzdb-dev",
}
# ODB needs a compiler and a run-time library of its own; Debian has only the first.
UNBUILT = {"odb": "libodb-sqlite-dev, which Debian 12 does not have,"}
SQLALCHEMY_PACKAGE = "python3-sqlalchemy"
SQLALCHEMY_SHARE = 20
PYTHON = "/usr/bin/python3"  # the one that Debian's package belongs to

WORKLOADS = ["insert", "get_view", "get_own", "get_view_tx", "get_own_tx", "get_view_alone",
             "scan_view", "scan_own", "update", "upsert", "delete"]

# Set operations, beside loops of single-row statements: what the ratio may be at most.
SETS = {"insert_many": 0.65, "upsert_many": 0.55, "upsert_batches": None,
        "upsert_batches_memory": None, "ensure_many_new": 0.65, "ensure_many": 0.65,
        "get_many": 0.75, "collect": 0.80, "full_text_many": 1 / 6}
MEMORY_BAR = 1.1

# The hand-written workload that another one is compared with, when it has not its name.
SAME_AS = {"get_view_alone": "get_view"}


class Figures:
    """CPU times per operation by implementation and workload, the least and all, every checksum."""

    def __init__(self):
        self.nanoseconds = {}
        self.series = {}
        self.sums = {}
        self.peaks = {}
        self.sqlite = ""

    def add(self, line):
        words = line.split()
        fields = dict(word.split("=", 1) for word in words if "=" in word)
        if words and words[0] == "bench":
            key = fields["impl"], fields["workload"]
            cost = float(fields["cpu_s"]) * 1e9 / int(fields["ops"])
            self.nanoseconds[key] = min(cost, self.nanoseconds.get(key, cost))
            self.series.setdefault(key, []).append(cost)
            self.sums.setdefault(key, set()).add(fields["sum"])
        elif words and words[0] == "tablesum":
            self.sums.setdefault((fields["impl"], "table"), set()).add(words[-1])
        elif words and words[0] == "memory":
            self.peaks[fields["impl"]] = int(fields["peak_kb"])
        elif words and words[0] == "info":
            self.sqlite = fields["sqlite"]

    def implementations(self):
        return sorted({impl for impl, _ in self.nanoseconds} - {"hand", "cleat"})

    def ratio(self, impl, workload):
        hand = self.nanoseconds["hand", SAME_AS.get(workload, workload)]
        return self.nanoseconds[impl, workload] / hand

    def paired(self, workload):
        """The median over the repetitions of what cleat took of the time by hand."""
        hand = self.series["hand", SAME_AS.get(workload, workload)]
        return statistics.median(own / other for own, other
                                 in zip(self.series["cleat", workload], hand))

    def differences(self):
        """A sentence for each checksum that is not that of the hand-written code."""
        found = []
        for (impl, workload), sums in sorted(self.sums.items()):
            expected = self.sums["hand", SAME_AS.get(workload, workload)]
            if sums != expected or len(sums) != 1:
                found.append("%s of %s: checksum %s, by hand %s"
                             % (workload, impl, "/".join(sorted(sums)),
                                "/".join(sorted(expected))))
        return found

    def rows(self, impl):
        found = []
        for workload in WORKLOADS + list(SETS):
            if (impl, workload) not in self.nanoseconds:
                continue
            row = {"workload": workload, "impl": impl,
                   "cpu_ns_per_op": round(self.nanoseconds[impl, workload], 1),
                   "ratio_to_hand": round(self.ratio(impl, workload), 3)}
            if impl == "cleat":
                row["median_ratio"] = round(self.paired(workload), 3)
            found.append(row)
        return found


def run(figures, command, database, rows, reads, updates, reps):
    """Runs a program and shows each of its lines as it comes."""
    command = command + ["--db", str(database), "--rows", str(rows), "--reads", str(reads),
                         "--updates", str(updates), "--reps", str(reps)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            figures.add(line)
            print("  " + line, end="", flush=True)
    if process.returncode:
        sys.exit("run.py: '%s' failed with %d" % (" ".join(command), process.returncode))


def has_sqlalchemy():
    try:
        return subprocess.run([PYTHON, "-c", "import sqlalchemy"],
                              stderr=subprocess.DEVNULL, check=False).returncode == 0
    except OSError:
        return False


def skip(name, package):
    print("\n*** peer %s skipped: %s is not installed ***" % (name, package), flush=True)


def measure_workloads(arguments, figures):
    database = arguments.work / "bench.db"
    counts = arguments.rows, arguments.reads, arguments.updates
    programs = {}
    for name, package in PEERS.items():
        program = arguments.programs / ("bench_" + name)
        if program.exists():
            programs[name] = program
        else:
            skip(name, package)
    for name, package in UNBUILT.items():
        skip(name, package)
    for i in range(arguments.rounds):
        print("\nround %d of %d: hand and cleat by turns" % (i + 1, arguments.rounds), flush=True)
        reps = -(-arguments.reps // arguments.rounds)
        run(figures, [str(arguments.programs / "bench_runtime")], database, *counts, reps)
        for name, program in programs.items():
            print("round %d of %d: %s" % (i + 1, arguments.rounds, name), flush=True)
            run(figures, [str(program)], database, *counts, 1)


def measure_sets(arguments, figures):
    print("\nsets: hand and cleat by turns", flush=True)
    run(figures, [str(arguments.programs / "bench_sets")], arguments.work / "sets.db",
        arguments.rows, arguments.reads, arguments.updates, arguments.reps)


def measure_sqlalchemy(arguments, figures):
    """A twentieth of the work, with the hand-written code once more at that size."""
    if not has_sqlalchemy():
        skip("sqlalchemy", SQLALCHEMY_PACKAGE)
        return
    database = arguments.work / "bench.db"
    counts = [max(100, count // SQLALCHEMY_SHARE)
              for count in (arguments.rows, arguments.reads, arguments.updates)]
    print("\nsqlalchemy, 1/%d of the work, after the same by hand" % SQLALCHEMY_SHARE, flush=True)
    run(figures, [str(arguments.programs / "bench_runtime")], database, *counts, arguments.reps)
    peer = pathlib.Path(__file__).resolve().parent / "peers" / "sqlalchemy_peer.py"
    run(figures, [PYTHON, str(peer)], database, *counts, 1)


def print_figures(figures, implementations):
    print("\nCPU nanoseconds per operation, and ratio to hand-written code; median: of the ratios of"
          " cleat's repetitions")
    print("%-15s %9s" % ("", "hand") + "".join("%18s" % impl for impl in implementations)
          + "%9s" % "median")
    for workload in WORKLOADS:
        hand = figures.nanoseconds.get(("hand", SAME_AS.get(workload, workload)))
        line = "%-15s %9.0f" % (workload, hand)
        for impl in implementations:
            if (impl, workload) in figures.nanoseconds:
                line += "%10.0f (%4.2fx)" % (figures.nanoseconds[impl, workload],
                                             figures.ratio(impl, workload))
            else:
                line += "%18s" % "-"
        print(line + "%8.2fx" % figures.paired(workload))


def print_sets(figures):
    """The ratios of set operations with their bars; returns a row about memory."""
    print("\nCPU nanoseconds per row of set operations, and ratio to loops of hand-written code")
    print("%-22s %9s%10s%9s%9s" % ("", "hand", "cleat", "", "median"))
    for workload, bar in SETS.items():
        if ("cleat", workload) not in figures.nanoseconds:
            continue
        ratio = figures.ratio("cleat", workload)
        line = "%-22s %9.0f%10.0f (%4.2fx)" % (workload, figures.nanoseconds["hand", workload],
                                               figures.nanoseconds["cleat", workload], ratio)
        line += "%8.2fx" % figures.paired(workload)
        if bar is not None:
            line += "   bar %4.2f: %s" % (bar, "met" if ratio <= bar else "MISSED")
        print(line)
    ratio = figures.peaks["cleat"] / figures.peaks["hand"]
    print("peak memory of collect %.2fx   bar %.2f: %s"
          % (ratio, MEMORY_BAR, "met" if ratio <= MEMORY_BAR else "MISSED"))
    return {"workload": "collect_peak_memory", "impl": "cleat", "ratio_to_hand": round(ratio, 3)}


# How much more time each of 100 databases may take than each of ten, to be called linear.
GROWTH_BAR = 1.25


def boot_row(fields):
    """Prints what a start takes, with its bar; returns a row. Cold is judged by the median of the
    repetitions' ratios: what a sync takes depends on the disk's other work, and so does the least."""
    what, count = fields["what"], int(fields["databases"])
    clock = "wall" if what == "cold" else "cpu"
    hand, cleat = float(fields["hand_%s_us" % clock]), float(fields["cleat_%s_us" % clock])
    median, check = float(fields["%s_ratio" % clock]), float(fields["check_us"])
    bar, met = {"cold": ("median 0.75 of by hand", median <= 0.75),
                "warm": ("check 10 us", check <= 10),
                "warm_beside": ("none, SQLite reads the header", True),
                "warm_log": ("check 1.5 of by hand", check <= 1.5 * hand)}[what]
    print("%-11s %3d databases  hand %9.1f  cleat %9.1f (%4.2fx)  median %4.2fx  check %8.1f"
          "   bar %s: %s" % (what, count, hand, cleat, cleat / hand, median, check, bar,
                             "met" if met else "MISSED"))
    return {"workload": "boot_" + what, "impl": "cleat", "databases": count,
            "us_per_database": cleat, "check_us": check, "ratio_to_hand": round(cleat / hand, 3),
            "median_ratio": median}


def growth_row(fields):
    """The same for the time per database of many databases beside few."""
    ratio = float(fields["cpu_ratio"])
    print("cold, each of %s databases beside each of %s  CPU %4.2fx  wall %4.2fx   bar CPU %4.2f: %s"
          % (fields["to"], fields["from"], ratio, float(fields["wall_ratio"]), GROWTH_BAR,
             "met" if ratio <= GROWTH_BAR else "MISSED"))
    return {"workload": "boot_growth", "impl": "cleat", "databases": int(fields["to"]),
            "median_ratio": ratio}


def measure_boot(arguments):
    print("\nboot: microseconds per database of 20 tables and 40 indexes; CPU, wall for cold")
    command = [str(arguments.programs / "bench_boot"), "--directory",
               str(arguments.work / "boot"), "--reps", str(arguments.reps)]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    rows = []
    for line in output.splitlines():
        fields = dict(word.split("=", 1) for word in line.split()[1:])
        rows.append(boot_row(fields) if line.startswith("boot ") else growth_row(fields))
    return rows


def machine(sqlite):
    """What the figures were measured on."""
    facts = {"sqlite": sqlite, "cores": os.cpu_count(), "kernel": platform.release()}
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    facts["memory_gb"] = round(memory / 2 ** 30, 1)
    for path, key, start in (("/proc/cpuinfo", "cpu", "model name"),
                             ("/etc/os-release", "os", "PRETTY_NAME")):
        try:
            lines = pathlib.Path(path).read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            if line.startswith(start):
                facts[key] = line.replace("=", ":", 1).split(":", 1)[1].strip(' "')
                break
    return facts


def parse_arguments():
    parser = argparse.ArgumentParser(description="Measures cleat beside hand-written SQLite.")
    parser.add_argument("--programs", type=pathlib.Path, required=True,
                        help="the directory of bench_runtime and the peers")
    parser.add_argument("--tool", required=True, help="the program cleat")
    parser.add_argument("--compiler", default="cc")
    parser.add_argument("--work", type=pathlib.Path, required=True,
                        help="where databases and modules are written and removed again")
    parser.add_argument("--json", type=pathlib.Path, required=True)
    parser.add_argument("--rows", type=int, default=500000)
    parser.add_argument("--reads", type=int, default=1000000)
    parser.add_argument("--updates", type=int, default=300000)
    parser.add_argument("--reps", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3,
                        help="how often the peers run, between repetitions of the others")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    arguments.work = arguments.work.resolve()  # libzdb's URLs have absolute paths only
    arguments.work.mkdir(parents=True, exist_ok=True)
    full = Figures()
    measure_workloads(arguments, full)
    sets = Figures()
    measure_sets(arguments, sets)
    part = Figures()
    measure_sqlalchemy(arguments, part)

    print_figures(full, ["cleat"] + full.implementations())
    results = [row for impl in ["hand", "cleat"] + full.implementations()
               for row in full.rows(impl)]
    results += [row for impl in ("hand", "cleat") for row in sets.rows(impl)]
    results.append(print_sets(sets))
    for impl in part.implementations():
        print_figures(part, ["cleat", impl])
        results += part.rows(impl)
    results += measure_boot(arguments)
    results += generation.measure(arguments.tool, arguments.work)
    results += size.measure(arguments.tool, arguments.work, arguments.compiler)

    document = {"machine": machine(full.sqlite), "results": results}
    arguments.json.write_text(json.dumps(document, indent=1) + "\n")
    differences = full.differences() + sets.differences() + part.differences()
    for difference in differences:
        print("error: " + difference, file=sys.stderr)
    if differences:
        sys.exit(1)
    print("\nall checksums are equal; the figures are in %s" % arguments.json)


if __name__ == "__main__":
    main()

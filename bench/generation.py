"""generation.py: the time and memory of `cleat generate`: 1000 modules of 10 tables of 8 to 10
columns in one run, and 200 modules, to see that the time grows with their number and no faster.

usage: generation.py --tool build/bin/cleat --work build/bench"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys

import modules

LARGE = 1000
SMALL = 200
REPETITIONS = 3
CPU_BAR = 4.0
MEMORY_BAR = 300.0
GROWTH_BAR = 6.0


def generate(tool, schemas, out):
    """One run. Returns its CPU seconds and its peak of memory in MB."""
    command = [tool, "generate", "--schemas", str(schemas), "--out", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit("generation.py: '%s' failed" % " ".join(command))
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure_count(tool, work, count):
    """The least CPU seconds and the largest peak of several runs that write every file."""
    schemas = work / ("modules%d" % count)
    outs = [work / ("generated%d_%d" % (count, i)) for i in range(REPETITIONS)]
    modules.write(schemas, count, 8)
    runs = [generate(tool, schemas, out) for out in outs]
    again = min(generate(tool, schemas, out)[0] for out in outs)
    return min(cpu for cpu, _ in runs), max(peak for _, peak in runs), again


def verdict(met):
    return "met" if met else "MISSED"


def measure(tool, work):
    """Prints a table; returns rows for results.json. Everything written is removed at the end only:
    some file systems are slow to create files for minutes after many have been removed."""
    trees = work / "generation"
    shutil.rmtree(trees, ignore_errors=True)
    small = measure_count(tool, trees, SMALL)
    large = measure_count(tool, trees, LARGE)
    shutil.rmtree(trees)
    growth = large[0] / small[0]
    print("\ngeneration, 10 tables of 8 to 10 columns per module")
    print("%-10s %10s %10s %22s" % ("modules", "CPU s", "peak MB", "CPU s, nothing changed"))
    for count, (cpu, peak, again) in ((SMALL, small), (LARGE, large)):
        print("%-10d %10.2f %10.0f %22.2f" % (count, cpu, peak, again))
    print("bar: under %.0f s of CPU: %s" % (CPU_BAR, verdict(large[0] < CPU_BAR)))
    print("bar: under %.0f MB: %s" % (MEMORY_BAR, verdict(large[1] < MEMORY_BAR)))
    print("bar: 5 times the modules in at most 6 times the time: %.1f, %s"
          % (growth, verdict(growth <= GROWTH_BAR)))
    return [{"workload": "generate_%d_modules" % count, "impl": "cleat", "cpu_s": round(cpu, 3),
             "peak_mb": round(peak, 1), "unchanged_cpu_s": round(again, 3)}
            for count, (cpu, peak, again) in ((SMALL, small), (LARGE, large))]


def main():
    parser = argparse.ArgumentParser(description="Measures cleat generate.")
    parser.add_argument("--tool", required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    measure(arguments.tool, arguments.work)


if __name__ == "__main__":
    main()

"""What bin/bench does: each work in a process of its own, on a database of its own; then the table."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from . import database, report
from .harness import ROUNDS

WORKS = (
    "booking",
    "free_periods",
    "invoicing",
    "renewal",
    "status",
    "revenue",
    "pages",
    "installation",
)
ROOT = Path(__file__).parent.parent


def measure(name, rounds):
    """The rows of one work."""
    rows = []
    with database.copy(getattr(report.work(name), "INSTALL", ())) as copy:
        command = [sys.executable, "-m", "benchmarks.run", name, copy, str(rounds)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout:
                if line.startswith("ROW "):
                    rows.append(json.loads(line[4:]))
                    print("    " + "  ".join(filter(None, report.cells(rows[-1], rows)[1:])), file=sys.stderr)
    if process.returncode:
        sys.exit(f"error: the work {name} ended with code {process.returncode}; the reason stands above.")
    return rows


def together(paths):
    """The rows of several runs, in the order of the works."""
    of_work = {}
    for path in paths:
        rows = json.loads(path.read_text())["rows"]
        of_work.update({name: [row for row in rows if row["work"] == name] for name in {row["work"] for row in rows}})
    return [row for name in WORKS for row in of_work.get(name, ())]


def faults():
    """Runs tests/faults with the numbers that take minutes; returns what they told and pytest's exit code."""
    with tempfile.NamedTemporaryFile("r", suffix=".jsonl") as told:
        variables = {**os.environ, "FABLOCH_FAULTS": "full", "FABLOCH_FAULT_REPORT": told.name}
        variables.pop("PYTHONPATH", None)  # the tests see what bin/test sees, not the peers
        # What is measured here is what is lost, not time: the cores share the work.
        command = [
            ROOT / "bin" / "test",
            "tests/faults",
            "-q",
            "-n",
            str(min(os.cpu_count(), 8)),
            "--dist",
            "loadscope",
        ]
        code = subprocess.run(command, env=variables, check=False).returncode
        return [json.loads(line) for line in told], code


def main():
    parser = argparse.ArgumentParser(prog="bin/bench", description="Our addons beside the peers and the floor.")
    parser.add_argument("--only", action="append", choices=WORKS, help="one work; again for another")
    parser.add_argument("--list", action="store_true", help="name the works")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="turns of each side (%(default)s)")
    parser.add_argument("--json", type=Path, help="write the figures")
    parser.add_argument(
        "--from-json",
        type=Path,
        nargs="+",
        help="show the figures of earlier runs, measure nothing; of a work that two files have, the last one's",
    )
    parser.add_argument("--plot", type=Path, help="draw them (PNG)")
    parser.add_argument("--faults", action="store_true", help="the fault tests instead, with numbers that take minutes")
    parser.add_argument("--doc", action="store_true", help="write them into docs/benchmarks.md and the README")
    asked = parser.parse_args()
    if asked.list:
        for name in WORKS:
            print(f"{name:14}{report.work(name).TITLE}")
        return
    if asked.faults:
        told, code = faults()
        print(report.fault_table(told))
        if asked.json:
            asked.json.write_text(json.dumps({"machine": report.machine(), "faults": told}, indent=1) + "\n")
        if asked.doc:
            report.write_faults(told)
        sys.exit(code or any(fault["lost"] for fault in told))
    if asked.rounds < 1:
        parser.error("--rounds: at least 1")
    if asked.from_json:
        rows = together(asked.from_json)
    else:
        rows = [row for name in asked.only or WORKS for row in measure(name, asked.rounds)]
    print(report.text(rows))
    if asked.json:
        asked.json.write_text(json.dumps({"machine": report.machine(), "rows": rows}, indent=1) + "\n")
    if asked.plot:
        from .plot import draw

        draw(rows, asked.plot)
    if asked.doc:
        report.write_table(rows)


if __name__ == "__main__":
    main()

"""What the figures say: each goal met or missed, as a table for the screen, docs/benchmarks.md and the README."""

import importlib
import os
import platform
import re
from datetime import date
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOC, README = ROOT / "docs" / "benchmarks.md", ROOT / "README.md"
HEADS = ("work", "size", "ours", "peer", "floor", "peer ÷ ours", "ours ÷ floor", "queries", "goal")


def work(name):
    return importlib.import_module(f"benchmarks.works.{name}")


def ratios(row, rows):
    """{"peer": the peer's time over ours, "floor": ours over the floor, "flat": ours over its smallest size}."""
    sides, found = row["sides"], {}
    ours = sides["ours"]["seconds"]
    if "peer" in sides:
        found["peer"] = sides["peer"]["seconds"] / ours
    if "floor" in sides:
        found["floor"] = ours / sides["floor"]["seconds"]
    smallest = next(other for other in rows if _line(other) == _line(row))
    if smallest is not row:
        found["flat"] = ours / smallest["sides"]["ours"]["seconds"]
    return found


def _line(row):
    return row["work"], row.get("part")


def verdicts(row, rows):
    """For each goal of the work that this row can speak of: (name, limit, ratio, whether it is met)."""
    found = ratios(row, rows)
    return [
        (name, limit, found[name], found[name] >= limit if name == "peer" else found[name] <= limit)
        for name, limit in work(row["work"]).GOALS.items()
        if name in found
    ]


def cells(row, rows):
    """The texts of one line of the table, as HEADS has them."""
    sides, found = row["sides"], ratios(row, rows)
    title = ": ".join(filter(None, (work(row["work"]).TITLE, row.get("part"))))
    size = row["size"]
    return (
        title,
        f"{size:,}".replace(",", " ") if isinstance(size, int) else str(size),
        *(duration(sides[name]["seconds"]) if name in sides else "" for name in ("ours", "peer", "floor")),
        f"{found['peer']:.1f}" if "peer" in found else "",
        f"{found['floor']:.2f}" if "floor" in found else "",
        _counts(sides, "queries") or _counts(sides, "per_second", " requests/s"),
        ", ".join(_say(*verdict) for verdict in verdicts(row, rows)),
    )


def _counts(sides, fact, unit=""):
    found = [f"{sides[name][fact]:.0f}" for name in ("ours", "peer", "floor") if sides.get(name, {}).get(fact)]
    return " / ".join(found) + unit if found else ""


def _say(name, limit, ratio, met):
    wanted = {"peer": "≥ {} × faster", "floor": "≤ {} × floor", "flat": "flat (≤ {})"}[name].format(limit)
    return f"{wanted}: {'met' if met else f'missed ({ratio:.2f})'}"


def duration(seconds):
    """Seconds as people read them, three figures."""
    if seconds < 0.1:
        return f"{seconds * 1000:.3g} ms"
    return f"{seconds:.3g} s"


def text(rows):
    table = [HEADS, *(cells(row, rows) for row in rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(HEADS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in table)


def markdown(rows):
    lines = [HEADS, ["---"] * len(HEADS), *(cells(row, rows) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine():
    """Where and when this was measured, for whoever compares."""
    import psycopg2

    connection = psycopg2.connect(dbname="postgres")
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        [postgres] = cursor.fetchone()
    connection.close()
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal: +(\d+)", Path("/proc/meminfo").read_text())[1]) >> 20
    peers = ("resource_booking", "contract", "membership", "mis_builder")
    return {
        "date": date.today().isoformat(),
        "processor": model[1] if model else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": memory,
        "python": platform.python_version(),
        "postgresql": postgres.split()[0],
        "odoo": version("odoo"),
        **{peer: version(f"odoo-addon-{peer}") for peer in peers},
    }


def write_table(rows):
    """Puts the figures of this run into docs/benchmarks.md and the README."""
    for path in (DOC, README):
        _put(path, "table", f"{markdown(rows)}\n\n{_measured()}")


def write_faults(faults):
    """Puts what the fault tests told into docs/benchmarks.md, and what it sums to into the README."""
    _put(DOC, "faults", f"{fault_table(faults)}\n\n{_measured()}")
    tried, lost = (sum(fault[name] for fault in faults) for name in ("tried", "lost"))
    thousands = f"{tried:,}".replace(",", " ")
    _put(README, "faults", f"{len(faults)} faults, {thousands} attempts, calls, kills and compared rows: {lost} lost.")


def _measured():
    return f"Measured: {', '.join(f'{name} {value}' for name, value in machine().items())}."


def _put(path, block, body):
    """Puts `body` between the two marks of this block."""
    begin, end = f"<!-- {block} -->", f"<!-- end of {block} -->"
    head, rest = path.read_text().split(begin)
    _old, tail = rest.split(end)
    path.write_text(f"{head}{begin}\n\n{body}\n\n{end}{tail}")


def fault_table(faults):
    heads = ("fault", "tried", "survived", "lost", "also")
    lines = [heads, ["---"] * len(heads)]
    for fault in sorted(faults, key=lambda fault: fault["name"].lower()):
        also = ", ".join(
            f"{value} {name}" for name, value in fault.items() if name not in ("name", "tried", "survived", "lost")
        )
        lines.append((fault["name"], *(f"{fault[name]}" for name in ("tried", "survived", "lost")), also))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)

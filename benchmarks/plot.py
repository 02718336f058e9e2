"""The picture of the README: how many times as long the peer and the floor take, beside ours."""

from . import report


def draw(rows, target):
    """Draws one bar a side for the largest size of each work, ours being 1, on a logarithmic scale; writes a PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    largest = {row["work"]: row for row in rows if {"peer", "floor"} & set(row["sides"])}
    shown = [row for row in largest.values() if "peer" in row["sides"]][::-1]
    colours = {"peer": "#b9b2c6", "ours": "#714b67", "floor": "#e0d7de"}
    figure, axes = pyplot.subplots(figsize=(9, 0.75 * len(shown) + 1.2), layout="constrained")
    for place, row in enumerate(shown):
        ours = row["sides"]["ours"]["seconds"]
        for offset, side in ((0.27, "ours"), (0, "peer"), (-0.27, "floor")):
            if side not in row["sides"]:
                continue
            seconds = row["sides"][side]["seconds"]
            axes.barh(place + offset, seconds / ours, 0.25, color=colours[side])
            name = {"ours": "fabloch", "peer": report.work(row["work"]).PEER, "floor": "the least Odoo costs"}[side]
            axes.text(
                seconds / ours * 1.06, place + offset, f"{name}: {report.duration(seconds)}", va="center", fontsize=8
            )
    axes.set_yticks(range(len(shown)), [_label(row) for row in shown], fontsize=9)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda times, _place: f"{times:g} ×")
    axes.set_xlim(right=axes.get_xlim()[1] * 6)
    axes.set_xlabel("times our duration (shorter is faster, logarithmic)", fontsize=8)
    axes.tick_params(axis="x", labelsize=8)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    figure.savefig(target, dpi=130)


def _label(row):
    size = row["size"]
    of = f"\n({size:,})".replace(",", " ") if isinstance(size, int) and size > 1 else ""
    return ": ".join(filter(None, (report.work(row["work"]).TITLE, row.get("part")))) + of

"""The benchmarks: our addons beside the peers and beside the least that Odoo itself costs. `bin/bench` runs them.

harness.py      how a work is measured: sides in turn, medians, queries counted
database.py     the database: our addons and the peers, installed together
works/          one module a work: its data, its sides, its goals
table.py        what is printed, docs/benchmarks.md; plot.py: the picture
"""

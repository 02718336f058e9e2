"""The demonstration: loaded once as bin/demo does (a minute or two), read by each addon's own check."""

import re

import databases
import pytest

from tests.common import run_python, scratch_database

IMPORT = f"""
import sys
sys.path[:0] = [{str(databases.ROOT)!r}, {str(databases.ROOT / "bin")!r}]
import databases
"""
LOAD = IMPORT + "databases._load_demo_data(env)"
INVOICE = IMPORT + "databases._invoice(env)"
CHECK = IMPORT + "from tests.{} import demo_check\ndemo_check.check(env)"


@pytest.fixture(scope="module")
def loaded():
    """A database with the demonstration as it is loaded, before today's invoicing."""
    with scratch_database() as name:
        run_python(LOAD, name, timeout=900)
        yield name


@pytest.fixture
def invoiced(loaded):
    """A copy in which the scheduled action has invoiced what is due today."""
    with databases.scratch(loaded) as name:
        run_python(INVOICE, name, timeout=300)
        yield name


def summary(name):
    """What bin/demo prints."""
    return run_python((databases.ROOT / "bin" / "demo_summary.py").read_text(), name)


def test_it_shows_the_figures_of_the_report(loaded):
    own = "print(env['ir.module.module'].search_count([('demo', '=', True)]))"
    assert run_python(own, loaded) == str(len(databases.addons())), "ours alone are loaded"
    run_python(CHECK.format("membership"), loaded)
    printed = summary(loaded)

    def figures(label):
        line = re.search(rf"^ +{label} {{2,}}(.+)$", printed, re.MULTILINE)
        return [value.strip() for value in re.split(r" {2,}", line[1])]

    assert figures("Association")[1] == "9"
    assert figures("Entreprises et indépendants, ensemble")[:2] == ["41", "50"]
    assert figures("dont PME")[1] == "5"
    assert figures("indépendants, ensemble")[1] == "45"
    made, paid = figures("Factures émises"), figures("dont payées")
    assert 0 < int(paid[1]) < int(made[1])
    rates = [float(rate.rstrip("\u00a0 %").replace(",", ".")) for rate in figures("Taux d'autofinancement")]
    assert 30 < rates[0] < rates[1] < 50


def test_it_keeps_to_the_report_of_partnerships(loaded):
    run_python(CHECK.format("partnership"), loaded)
    printed = summary(loaded)
    assert "Partenariats : conventions" in printed
    assert "Juju : Réseau Français des FabLabs (RFF)" in printed


def test_it_books_and_invoices_as_the_house_does(invoiced):
    run_python(CHECK.format("machines"), invoiced)
    printed = summary(invoiced)
    assert "Réservations" in printed
    assert "Location de l'atelier" in printed
    invoices = "print(env['account.move'].search_count([('move_type', '=', 'out_invoice')]))"
    before = run_python(invoices, invoiced)
    run_python(INVOICE, invoiced, timeout=300)
    assert run_python(invoices, invoiced) == before, "a second run makes nothing"

"""French, complete: compares each addon's terms, as Odoo itself exports them, with its i18n/fr.po.

check [ADDON…]    names, as file:line, what is missing, empty, fuzzy or lost a placeholder; warns of what is unused
update [ADDON…]   writes i18n/<addon>.pot and merges it in i18n/fr.po: translations stay, new terms come empty
"""

import argparse
import io
import re
import sys
from pathlib import Path

import databases
import polib

FIELD = "model:ir.model.fields,"  # labels and help of fields
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-+ #0-9.]*[sdifrxX]|\{\{.*?\}\}")


def export(addons):
    """The terms of each addon, as Odoo finds them in a database that has them installed."""
    from odoo.tools.translate import trans_export

    with databases.scratch(databases.test_template()) as name, databases.Odoo(name) as odoo, odoo.env() as env:
        for addon in addons:
            buffer = io.BytesIO()
            trans_export(None, [addon], buffer, "po", env)
            yield addon, polib.pofile(buffer.getvalue().decode())


def check(addon, template):
    """The number of errors, each printed."""
    path = _file(addon, "fr.po")
    known = {entry.msgid: entry for entry in _read(path) if not entry.obsolete}
    used = {entry.msgid: entry for entry in template}
    problems = []
    for msgid, entry in used.items():
        french = known.get(msgid)
        if french is None:
            problems.append((0, "missing", f"{msgid!r} ({':'.join(entry.occurrences[0])})"))
        elif not french.msgstr.strip():
            problems.append((french.linenum, "empty", repr(msgid)))
        elif french.fuzzy:
            problems.append((french.linenum, "fuzzy", repr(msgid)))
        elif sorted(PLACEHOLDER.findall(msgid)) != sorted(PLACEHOLDER.findall(french.msgstr)):
            problems.append((french.linenum, "placeholders differ", f"{msgid!r} → {french.msgstr!r}"))
    for line, what, term in sorted(problems):
        print(f"{path.relative_to(databases.ROOT)}:{line}: {what}: {term}")
    for msgid in known.keys() - used.keys():
        print(f"{path.relative_to(databases.ROOT)}:{known[msgid].linenum}: warning: no longer used: {msgid!r}")
    return len(problems)


def update(addon, template):
    """Writes the template and merges it; what Odoo has translated itself (Created on, Display Name…) comes filled."""
    folder = _file(addon, "").parent / "i18n"
    folder.mkdir(exist_ok=True)
    # The date of an export that brings nothing new would only be noise in the history.
    if _content(_read(_file(addon, f"{addon}.pot"))) != _content(template):
        template.save(_file(addon, f"{addon}.pot"))
    path = _file(addon, "fr.po")
    french, before = _read(path), _content(_read(path))
    french.metadata = (
        template.metadata | french.metadata | {"Language": "fr", "Plural-Forms": "nplurals=2; plural=(n > 1);"}
    )
    french.header = template.header
    french.merge(template)
    memory = _odoo_terms(databases.addons()[addon]["depends"])
    for entry in french:
        if not entry.msgstr and all(place.startswith(FIELD) for place, _line in entry.occurrences):
            entry.msgstr = memory.get(entry.msgid, "")
    order = {entry.msgid: number for number, entry in enumerate(template)}
    kept = sorted((entry for entry in french if entry.msgid in order), key=lambda entry: order[entry.msgid])
    french.clear()
    french.extend(kept)
    if _content(french) != before:
        french.save(path)
    empty = sum(not entry.msgstr for entry in french)
    print(f"{path.relative_to(databases.ROOT)}: {len(french)} terms, {empty} to translate")


def _file(addon, name):
    return databases.ROOT / addon / "i18n" / name


def _read(path):
    return polib.pofile(str(path)) if path.exists() else polib.POFile()


def _content(catalogue):
    return [(entry.msgid, entry.msgstr, entry.comment, entry.occurrences, entry.flags) for entry in catalogue]


def _odoo_terms(modules):
    from odoo.modules import get_module_path

    terms = {}
    for module in ["base", "mail", "portal", *modules]:
        path = Path(get_module_path(module) or "", "i18n", "fr.po")
        for entry in _read(path) if path.is_file() else ():
            if entry.msgstr and any(place.startswith(FIELD) for place, _line in entry.occurrences):
                terms.setdefault(entry.msgid, entry.msgstr)
    return terms


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["check", "update"])
    parser.add_argument("addons", nargs="*", metavar="ADDON")
    arguments = parser.parse_args()
    ours = databases.addons()
    addons = [Path(name).name for name in arguments.addons] or list(ours)
    if unknown := [name for name in addons if name not in ours]:
        sys.exit(f"error: no such addon here: {', '.join(unknown)}")
    action = check if arguments.command == "check" else update
    errors = [action(addon, template) for addon, template in export(addons)]
    if arguments.command == "check":
        print(f"translations: {len(addons)} addons, {sum(errors)} errors")
        sys.exit(bool(sum(errors)))


if __name__ == "__main__":
    main()

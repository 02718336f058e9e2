"""The project's databases: what stands in each, how they are made, copied and thrown away.

    fabloch_base_<hash>         Odoo with what our addons need: French company, French language, no demo data
    fabloch_test_<hash>         a copy of it with our addons, for one state of their files; tests copy that one
    fabloch_test_<hash>_<pid>…  such a copy; dropped by its maker, or by a later run if its maker was killed
    fabloch_demo                a copy of the base with our addons and their demo data
    fabloch_bench_<hash>        a copy of the test template with a peer of benchmarks/ installed too

Every one is built under another name and renamed when it is complete: whatever happens on the way, what stood
there before is kept. It runs in the project's own environment (bin/_lib.sh): ODOO_RC names the configuration,
PGHOST, PGPORT and PGUSER the server.
"""

import argparse
import contextlib
import fcntl
import hashlib
import itertools
import logging
import os
import re
import shutil
import subprocess
import sys
import time
from ast import literal_eval
from configparser import ConfigParser
from pathlib import Path

import psycopg2
from psycopg2 import sql

ROOT = Path(__file__).resolve().parent.parent
LANGUAGE = "fr_FR"
RECIPE = 3  # raise it when what the functions below put in a database changes
STATE_PARAMETER = "fabloch.demo.state"
KEPT = {"fabloch_base": 3, "fabloch_test": 8, "fabloch_bench": 8}  # templates kept of each kind, the latest used,
KEPT_SECONDS = 3600  # and any that was used within that time: several work trees may share a server
NEEDED_MIB = 1024


class Failure(Exception):
    """What a person must read; the last line says what to do."""


def say(message):
    print(message, file=sys.__stderr__, flush=True)


# --- The addons of this tree ---------------------------------------------------------------------------------------


def addons():
    """Names of our installable addons and their manifests."""
    manifests = {
        path.parent.name: literal_eval(path.read_text()) for path in sorted(ROOT.glob("fabloch_*/__manifest__.py"))
    }
    return {name: manifest for name, manifest in manifests.items() if manifest.get("installable", True)}


def dependencies():
    """What our addons need that is not ours."""
    ours = addons()
    return sorted({name for manifest in ours.values() for name in manifest.get("depends", [])} - set(ours))


def base_state():
    """A hash of all that a base database is made from."""
    code = next(Path(line) for line in _site_packages().joinpath("odoo.pth").read_text().splitlines())
    release = code / "odoo" / "release.py"
    revision = subprocess.run(
        ["git", "-C", code, "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    ).stdout
    requirements = [
        line for line in (ROOT / "requirements.txt").read_text().splitlines() if line.startswith("odoo-addon")
    ]
    facts = [
        RECIPE,
        LANGUAGE,
        str(code),
        release.stat().st_mtime,
        (code / ".git").exists() and revision,
        requirements,
        dependencies(),
    ]
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:8]


def addons_state():
    """A hash of all that a database with our addons is made from: the base and every file that Odoo reads."""
    digest = hashlib.sha256(base_state().encode())
    for addon in addons():
        for path in sorted((ROOT / addon).rglob("*")):
            parts = path.relative_to(ROOT).parts
            unread = (
                "__pycache__" in parts
                or parts[1] == "readme"
                or parts[1:3] == ("static", "description")
                or path.suffix in {".pyc", ".pot"}
            )
            if path.is_file() and not unread:
                digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:8]


def _site_packages():
    import sysconfig

    return Path(sysconfig.get_path("purelib"))


# --- The server ----------------------------------------------------------------------------------------------------


def execute(query, *params, database="postgres"):
    """Runs one statement by itself, outside any transaction; returns its rows, if it has any."""
    connection = psycopg2.connect(dbname=database)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(query, params or None)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def exists(name):
    return bool(execute("SELECT 1 FROM pg_database WHERE datname = %s", name))


def copy(source, target, attempts=6):
    """Copies a database that nobody is connected to, and its files (hard links: Odoo never changes a stored file).

    PostgreSQL waits 5 s at each attempt for somebody who is connected to leave.
    """
    query = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(target), sql.Identifier(source))
    [(version,)] = execute("SHOW server_version_num")
    if int(version) >= 150000:
        # The default writes every page to the log as well, which is slower for a database of this size.
        query += sql.SQL(" STRATEGY file_copy")
    for attempt in range(1, attempts + 1):
        try:
            execute(query)
            break
        except psycopg2.errors.ObjectInUse:
            if attempt == attempts:
                raise
    _copy_files(source, target)


def rename(source, target):
    """Gives a complete database its final name. Files go first: named by their content, one too many does no harm."""
    _copy_files(source, target)
    execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(source), sql.Identifier(target)))
    shutil.rmtree(filestore(source), ignore_errors=True)


def drop(name):
    execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    shutil.rmtree(filestore(name), ignore_errors=True)


def filestore(name):
    return _data_dir() / "filestore" / name


def _data_dir():
    parser = ConfigParser(interpolation=None)
    parser.read(os.environ["ODOO_RC"])
    return Path(parser["options"]["data_dir"])


def _copy_files(source, target):
    if filestore(source).exists():
        shutil.copytree(filestore(source), filestore(target), copy_function=_link, dirs_exist_ok=True)


def _link(source, target):
    with contextlib.suppress(FileExistsError):
        os.link(source, target)


@contextlib.contextmanager
def locked(name):
    """Holds the building of one database to one process at a time."""
    folder = _data_dir() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / name, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


_numbers = itertools.count(1)


@contextlib.contextmanager
def fresh_name(template):
    """A name for a database to make; what stands under it at the end is dropped, whatever is connected to it."""
    name = f"{template}_{os.getpid()}_{next(_numbers)}"
    try:
        yield name
    finally:
        drop(name)


@contextlib.contextmanager
def scratch(template):
    """The name of a fresh copy of the template; it is dropped at the end, whatever stands connected to it."""
    with fresh_name(template) as name:
        copy(template, name)
        yield name


# --- Building ------------------------------------------------------------------------------------------------------


class Odoo:
    """One database, worked on by Odoo in this process."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        from odoo.tools import config

        if not config.get("addons_path"):
            config.parse_config(["--no-http"], setup_logging=False)
        self._log = _BuildLog(_data_dir() / "log" / f"{self.name}.log")
        return self

    def __exit__(self, *error):
        import odoo.sql_db
        from odoo.modules.registry import Registry

        Registry.delete(self.name)
        odoo.sql_db.close_db(self.name)
        self._log.close()

    def create(self):
        """An empty Odoo database: the addon base and what installs by itself with it."""
        import odoo.service.db
        from odoo.modules.registry import Registry

        odoo.service.db._create_empty_database(self.name)
        Registry.new(self.name, update_module=True, new_db_demo=False)

    def install(self, install=(), upgrade=()):
        from odoo.modules.registry import Registry

        Registry.new(
            self.name,
            update_module=True,
            install_modules=list(install),
            upgrade_modules=list(upgrade),
            new_db_demo=False,
        )

    @contextlib.contextmanager
    def env(self):
        """An environment of the superuser, committed at the end."""
        from odoo import SUPERUSER_ID, api
        from odoo.modules.registry import Registry

        with Registry(self.name).cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})


class _BuildLog(logging.Handler):
    """Odoo's log during a build: all of it to a file, warnings and the module at hand to the person."""

    def __init__(self, path):
        super().__init__(logging.INFO)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file = path.open("w")
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self.live = sys.stderr.isatty()
        self.quiet = contextlib.redirect_stderr(self.file)  # docutils grumbles there about addons' descriptions
        self.quiet.__enter__()
        root = logging.getLogger()
        root.setLevel(logging.INFO)
        root.addHandler(self)

    def emit(self, record):
        text = self.format(record)
        self.file.write(text + "\n")
        self.file.flush()
        if record.levelno >= logging.WARNING:
            say(("\r" if self.live else "") + text)
        elif self.live and record.msg.startswith("Loading module"):
            print("\r\033[K      {1}/{2} {0}".format(*record.args), end="", file=sys.__stderr__, flush=True)

    def close(self):
        if self.live:
            print("\r\033[K", end="", file=sys.__stderr__, flush=True)
        self.quiet.__exit__(None, None, None)
        logging.getLogger().removeHandler(self)
        self.file.close()
        super().close()


@contextlib.contextmanager
def building(name, title):
    """Makes room for the database to build, says how long it took, removes what a failure leaves."""
    free = shutil.disk_usage(_data_dir()).free >> 20
    if free < NEEDED_MIB:
        raise Failure(
            f"not enough disk space: {free} MB are free, {NEEDED_MIB} MB are needed.\n"
            "Free some space and call again: nothing was changed."
        )
    say(f"{title} …")
    start = time.time()
    drop(name)
    try:
        yield name
    except BaseException:
        drop(name)
        raise
    say(f"      done in {time.time() - start:.0f} s")


def base():
    """The name of the base template, which is built if it is not there."""
    name = f"fabloch_base_{base_state()}"
    with locked(name):
        if not exists(name):
            with building(f"{name}_new", "Odoo's base database") as new:
                with Odoo(new) as odoo:
                    odoo.create()
                    with odoo.env() as env:
                        _make_french(env)
                    odoo.install(dependencies())
                    with odoo.env() as env:
                        # What a first page would wait for; it serves every copy whose addons add nothing to it.
                        env["ir.qweb"]._pregenerate_assets_bundles()
                used(new)
                rename(new, name)
        used(name)
    prune("fabloch_base")
    return name


def _make_french(env):
    from odoo.tools.translate import load_language

    load_language(env.cr, LANGUAGE)
    # Before accounting is there: its installation then loads the French chart for this company.
    env.company.write({"country_id": env.ref("base.fr").id, "currency_id": env.ref("base.EUR").id})
    env.ref("base.EUR").active = True
    env["res.users"].with_context(active_test=False).search([]).write({"tz": "Europe/Paris"})


def test_template():
    """The name of the template that tests copy, which is built if it is not there."""
    name = f"fabloch_test_{addons_state()}"
    with locked(name):
        if not exists(name):
            source = base()
            with building(f"{name}_new", f"Test database with {', '.join(addons()) or 'no addon'}") as new:
                copy(source, new)
                with Odoo(new) as odoo:
                    odoo.install(addons())
                    with odoo.env() as env:
                        _load_chart(env)
                _freeze_statistics(new)
                used(new)
                rename(new, name)
        used(name)
    prune("fabloch_test")
    return name


def _load_chart(env):
    """The association's chart of accounts on the main company, once there is one."""
    template = env["account.chart.template"]
    if env.company.chart_template != "fr_association" and "fr_association" in template._get_chart_template_mapping():
        template.try_loading("fr_association", env.company, install_demo=False)


def _freeze_statistics(name):
    """Gives the planner its statistics now and keeps autovacuum away from this database and its copies.

    A test's rows are never committed: an automatic ANALYZE in the middle of a test counts none of them, and from then
    on every join is planned as if the tables were empty, which takes minutes instead of milliseconds.
    """
    # Table by table: a bare ANALYZE also waits for the tables that all databases share.
    execute(
        """
        DO $$ DECLARE target regclass; BEGIN
            FOR target IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
                EXECUTE format('ANALYZE %s', target);
                EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = false)', target);
            END LOOP;
        END $$
        """,
        database=name,
    )


def used(name):
    """Notes when a template was last used, as its comment."""
    execute(sql.SQL("COMMENT ON DATABASE {} IS %s").format(sql.Identifier(name)), str(int(time.time())))


def prune(kind):
    """Drops the templates that were not used for longest, and the copies that a killed process left."""
    rows = execute(
        "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database WHERE datname LIKE %s", f"{kind}\\_%"
    )
    templates = [(int(used or 0), name) for name, used in rows if re.fullmatch(rf"{kind}_[0-9a-f]{{8}}", name)]
    spared = time.time() - KEPT_SECONDS
    old = [name for used, name in sorted(templates, reverse=True)[KEPT[kind] :] if used < spared]
    copies = [
        (name, int(match[1]))
        for name, _used in rows
        if (match := re.fullmatch(rf"{kind}_[0-9a-f]{{8}}_(\d+)_[\d_]+", name))
    ]
    left = [name for name, pid in copies if not Path(f"/proc/{pid}").exists()]
    for name in old + left:
        with contextlib.suppress(psycopg2.Error):  # somebody is on it: it stays until another time
            execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
            shutil.rmtree(filestore(name), ignore_errors=True)


# --- The demonstration ---------------------------------------------------------------------------------------------


def demo(name, reset=False):
    """Makes or brings up to date the demonstration database. What stands there is replaced only by a complete one."""
    state, new = addons_state(), f"{name}_new"
    with locked(name):
        known = exists(name) and not reset and _demo_state(name)
        if known == state:
            return
        source = name if known else base()
        with building(new, f"Updating {name}" if known else f"Making {name}"):
            try:
                copy(source, new, attempts=1)
            except psycopg2.errors.ObjectInUse as error:
                raise Failure(
                    f"the database {name} is in use by another process: stop that one first, to bring it up to date."
                ) from error
            with Odoo(new) as odoo:
                if known:
                    installed = _installed(odoo)
                    odoo.install(set(dependencies()) - installed)
                    odoo.install(set(addons()) - installed, upgrade=set(addons()) & installed)
                else:
                    with odoo.env() as env:
                        _speak_french(env)
                    odoo.install(addons())
                    with odoo.env() as env:
                        _load_chart(env)
                with odoo.env() as env:
                    loaded = _load_demo_data(env)
                with odoo.env() as env:
                    if loaded:
                        _invoice(env)
                    env["ir.config_parameter"].set_param(STATE_PARAMETER, state)
            if exists(name):
                drop(name) if reset else _drop_unused(name)
            rename(new, name)


def _demo_state(name):
    """The state of the addons that a demonstration was made from; a failure if the database is something else."""
    try:
        rows = execute(
            """
            SELECT (SELECT latest_version FROM ir_module_module WHERE name = 'base'), value
            FROM ir_config_parameter WHERE key = %s
            """,
            STATE_PARAMETER,
            database=name,
        )
    except psycopg2.errors.UndefinedTable:
        rows = []
    if not rows:
        raise Failure(
            f"a database {name} is there which bin/demo did not make. It was left as it is.\n"
            "bin/demo --reset replaces it."
        )
    [(version, state)] = rows
    if not version.startswith("19.0"):
        raise Failure(
            f"the database {name} is of another version of Odoo ({version}). It was left as it is.\n"
            "bin/demo --reset replaces it."
        )
    return state


def _drop_unused(name):
    try:
        execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
    except psycopg2.errors.ObjectInUse as error:
        raise Failure(
            f"the database {name} is in use by another process: stop that one first, to bring it up to date."
        ) from error


def _installed(odoo):
    with odoo.env() as env:
        return set(env["ir.module.module"].search([("state", "=", "installed")]).mapped("name"))


def _speak_french(env):
    """Everybody, and every contact that the demo data will make."""
    env["ir.default"].set("res.partner", "lang", LANGUAGE)
    env["res.users"].with_context(active_test=False).search([]).partner_id.lang = LANGUAGE
    env["ir.config_parameter"].init(force=True)  # a copy of a database needs an identity of its own


def _load_demo_data(env):
    """Our addons' demo data and nobody else's: Odoo's own flag brings every addon's, companies and partners too.

    Returns whether there was any to load.
    """
    from odoo.modules.loading import load_demo
    from odoo.modules.module_graph import ModuleGraph

    modules = env["ir.module.module"].search([("state", "=", "installed")])
    graph = ModuleGraph(env.cr, mode="load")
    graph.extend(modules.mapped("name"))
    loaded = False
    for package in graph:
        module = modules.browse(package.id)
        if package.name in addons() and not module.demo:
            if not load_demo(env, package, {}, "init"):
                raise Failure(f"the demo data of {package.name} cannot be loaded; the reason stands above.")
            loaded = module.demo = True
    if failures := env["ir.demo_failure"].search([]):
        raise Failure(f"demo data cannot be loaded:\n{failures[0].error}")
    return loaded


def _invoice(env):
    """What is due today, by the scheduled action itself: it commits, so it waits for all demo data."""
    if action := env.ref("fabloch_finance.ir_cron_invoice", raise_if_not_found=False):
        action.method_direct_trigger()


def address(name, url):
    """Tells the database at which address it is served: printed documents fetch their style there."""
    execute("UPDATE ir_config_parameter SET value = %s WHERE key = 'web.base.url'", url, database=name)


def logins(name):
    """Prints who can log in with a password that equals the login, as the demo users' do."""
    from passlib.context import CryptContext

    query = """
        SELECT u.login, u.password, p.name FROM res_users u JOIN res_partner p ON p.id = u.partner_id
        WHERE u.active AND u.password LIKE '$%' ORDER BY u.id
    """
    context = CryptContext(["pbkdf2_sha512"])  # as in Odoo's res.users
    for login, password, person in execute(query, database=name):
        if context.verify(login, password):
            print(f"  {login:<28} {person}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("test", help="build the test template and print its name")
    commands.add_parser("demo", help="build the demonstration").add_argument("name")
    commands.choices["demo"].add_argument("--reset", action="store_true")
    served = commands.add_parser("address", help="tell a database its address")
    served.add_argument("name")
    served.add_argument("url")
    commands.add_parser("logins", help="print the demonstration's logins").add_argument("name")
    arguments = parser.parse_args()
    try:
        if arguments.command == "test":
            print(test_template())
        elif arguments.command == "address":
            address(arguments.name, arguments.url)
        elif arguments.command == "demo":
            demo(arguments.name, arguments.reset)
        else:
            logins(arguments.name)
    except Failure as failure:
        sys.exit("error: " + str(failure).replace("\n", "\n       "))


if __name__ == "__main__":
    main()

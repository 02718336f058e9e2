"""What the commands say and leave alone when something is in their way."""

import fcntl
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import databases
import psycopg2
import pytest

BIN = databases.ROOT / "bin"
SYSTEM = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]


def call(*command, cwd=databases.ROOT, timeout=60, **variables):
    """Runs a command; returns its exit code and all that it printed. A variable set to None is taken away."""
    environment = {name: value for name, value in (os.environ | variables).items() if value is not None}
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    process = subprocess.run(
        [*map(str, command)], cwd=cwd, timeout=timeout, env=environment, text=True, check=False, **options
    )
    return process.returncode, process.stdout


@pytest.fixture
def tree():
    """A copy of the commands in a folder that everybody may use, as freshly cloned; nothing of the set-up is there."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        shutil.copytree(BIN, Path(folder, "bin"), ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(databases.ROOT / "requirements.txt", folder)
        yield Path(folder)


@pytest.fixture
def machine():
    """Makes a PATH on which some programs are missing and others replaced by a line of shell."""
    # Not pytest's own folder, which is closed to other users.
    holder = tempfile.TemporaryDirectory()
    folder = Path(holder.name)
    folder.chmod(0o755)

    def make(without=(), **replaced):
        for source in SYSTEM:
            for program in Path(source).iterdir() if Path(source).is_dir() else ():
                if program.name not in {*without, *replaced} and not (folder / program.name).exists():
                    (folder / program.name).symlink_to(program)
        for name, line in replaced.items():
            program = folder / name.replace("_", "-")
            program.unlink(missing_ok=True)
            program.write_text(f"#!/bin/sh\n{line}\n")
            program.chmod(0o755)
        return str(folder)

    with holder:
        yield make


def setup(tree, path, *before, **variables):
    """Calls bin/setup of a copied tree as on a machine with this PATH."""
    alone = dict.fromkeys(["PGHOST", "PGPORT", "PGUSER", "ODOO_SOURCE", "ODOO_RC"])
    return call(*before, tree / "bin" / "setup", cwd=tree, PATH=path, **(alone | variables))


def test_without_apt_it_names_what_to_install(tree, machine):
    code, output = setup(tree, machine(without=["apt-get", "chromium", "google-chrome", "chromium-browser", "fc-list"]))
    assert code == 1
    assert "there is no apt-get" in output
    assert "chromium fontconfig" in output
    assert os.listdir(tree / ".local") == ["lock"]


@pytest.fixture
def as_user():
    """What to put before a command to run it without root's rights."""
    if os.geteuid() != 0:
        return ()
    nobody = pwd.getpwnam("nobody")
    return ("setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups")


def test_without_root_it_names_the_command_for_root(tree, machine, as_user):
    path = machine(without=["sudo", "chromium", "google-chrome", "chromium-browser"], apt_get="touch apt-was-called")
    code, output = setup(tree, path, *as_user, HOME="/")
    assert code == 1
    assert "apt-get install --no-install-recommends chromium" in output
    assert not (tree / "apt-was-called").exists()


def test_with_sudo_it_installs_what_is_missing(tree, machine, as_user):
    apt, sudo = 'echo "apt-get $@" >>calls', '[ "$1" = -n ] || echo "sudo $@" >>calls; [ "$1" = -n ] || "$@"'
    path = machine(without=["chromium", "google-chrome", "chromium-browser"], apt_get=apt, sudo=sudo)
    code, output = setup(tree, path, *as_user, HOME="/")
    assert code == 1 and "still missing after the installation: chromium" in output
    calls = (tree / "calls").read_text()
    assert "sudo apt-get -q update" in calls
    assert "apt-get -q install --yes --no-install-recommends chromium" in calls


def test_a_full_disk_is_said_before_anything_is_fetched(tree, machine):
    code, output = setup(tree, machine(df="echo; echo none 1 1 12 99% /", apt_get="touch apt-was-called"))
    assert code == 1
    assert "12 MB are free" in output and "4096 MB are needed" in output
    assert not (tree / "apt-was-called").exists()
    assert os.listdir(tree / ".local") == ["lock"]


def test_odoo_gone_from_the_unstable_suite(tree, machine):
    apt = '[ "$1" = indextargets ] && echo http://mirror.invalid/debian Debian; exit 0'
    code, output = setup(tree, machine(apt_get=apt, apt_cache="exit 100"))
    assert code == 1
    assert "no longer has the package odoo-19" in output and "ODOO_SOURCE=/path/to/odoo" in output
    assert not (tree / ".local" / "odoo").exists()


def test_odoo_source_of_another_version(tree, machine):
    (tree / "odoo18" / "odoo").mkdir(parents=True)
    (tree / "odoo18" / "odoo" / "release.py").write_text("version_info = (18, 0, 0, FINAL, 0, '')\n")
    code, output = setup(tree, machine(), ODOO_SOURCE=str(tree / "odoo18"))
    assert code == 1
    assert "is not Odoo 19.0" in output and "(18, 0" in output


def test_an_old_postgres_is_refused(tree, machine):
    answer = '[ "$4" = "SHOW server_version" ] && echo 12.22 || echo 120022'
    script = f". {tree}/bin/_lib.sh; start_postgres"
    code, output = call("bash", "-c", script, PATH=machine(psql=answer), PGHOST="db.invalid")
    assert code == 1
    assert "PostgreSQL 13 or later is needed; the one at PGHOST=db.invalid is 12.22" in output


def test_a_step_is_done_again_until_it_has_ended_and_when_its_inputs_change(tree):
    script = f"""
        . {tree}/bin/_lib.sh
        make() {{ echo "made"; mkdir -p "$LOCAL/thing"; [[ ! -f $ROOT/broken ]] || exit 3; }}
        step 1 "A thing" thing/.stamp "$1" make
    """
    (tree / "broken").touch()
    first = call("bash", "-c", script, "bash", "one")
    (tree / "broken").unlink()
    codes, outputs = zip(
        first, *(call("bash", "-c", script, "bash", inputs) for inputs in ("one", "one", "two")), strict=True
    )
    assert codes == (3, 0, 0, 0)
    assert ["made" in output for output in outputs] == [True, True, False, True]


def test_two_set_ups_at_once_wait_for_each_other(tree, machine):
    path = machine(df="echo; echo none 1 1 12 99% /")
    (tree / ".local").mkdir()
    with open(tree / ".local" / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = subprocess.Popen([tree / "bin" / "setup"], env={"PATH": path}, stderr=subprocess.PIPE, text=True)
        assert "waiting for it" in process.stderr.readline()
        assert process.poll() is None
    assert "not enough disk space" in process.communicate(timeout=30)[1]


def test_the_second_set_up_only_checks():
    call(BIN / "setup")
    start = time.time()
    code, output = call(BIN / "setup")
    assert code == 0
    assert "…" not in output
    assert time.time() - start < 4


def test_a_taken_port_is_said_first():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code, output = call(BIN / "demo", "--port", port, "--database", "fabloch_never_made")
    assert code == 1
    assert output.startswith(f"error: port {port} of 127.0.0.1 is taken")
    assert not databases.exists("fabloch_never_made")


@contextmanager
def database(name, *statements):
    """A database of somebody else's making."""
    databases.execute(f'CREATE DATABASE "{name}"')
    try:
        for statement in statements:
            databases.execute(statement, database=name)
        yield name
    finally:
        databases.drop(name)


def test_a_database_that_is_not_ours_is_left_alone():
    with database(f"fabloch_infra_{os.getpid()}", "CREATE TABLE precious AS SELECT 1 AS thing") as name:
        code, output = call(BIN / "demo", "--no-serve", "--database", name)
        assert code == 1
        assert "which bin/demo did not make" in output and "--reset" in output
        assert databases.execute("SELECT thing FROM precious", database=name) == [(1,)]


def test_a_database_of_another_version_is_left_alone():
    statements = (
        "CREATE TABLE ir_module_module AS SELECT 'base' AS name, '18.0.1.3' AS latest_version",
        f"CREATE TABLE ir_config_parameter AS SELECT '{databases.STATE_PARAMETER}' AS key, 'x' AS value",
    )
    with database(f"fabloch_infra_{os.getpid()}", *statements) as name:
        code, output = call(BIN / "demo", "--no-serve", "--database", name)
        assert code == 1
        assert "another version of Odoo (18.0.1.3)" in output and "--reset" in output
        assert databases.exists(name)


def test_a_build_that_fails_leaves_what_stood_there():
    with database(f"fabloch_infra_{os.getpid()}") as name:
        with pytest.raises(KeyboardInterrupt), databases.building(f"{name}_new", "Test"):
            databases.copy(name, f"{name}_new")
            raise KeyboardInterrupt
        assert databases.exists(name)
        assert not databases.exists(f"{name}_new")


def test_copies_of_killed_runs_are_swept_and_those_at_work_stay():
    killed = subprocess.Popen(["true"])
    killed.wait()
    with (
        database(f"fabloch_test_00000000_{killed.pid}_1") as left,
        database(f"fabloch_test_00000000_{os.getpid()}_999") as mine,
        database(f"fabloch_test_00000000_{killed.pid}_2") as busy,
    ):
        connection = psycopg2.connect(dbname=busy)
        databases.prune("fabloch_test")
        connection.close()
        assert (databases.exists(left), databases.exists(mine), databases.exists(busy)) == (False, True, True)


def test_arguments_of_bin_test_go_to_pytest_and_its_exit_code_comes_back():
    code, output = call(BIN / "test", "tests/infra/test_wheel.py", "-k", "no_test_has_this_name", "--collect-only")
    assert code == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "4 deselected" in output

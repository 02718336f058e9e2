"""Odoo with our addons, loaded once, which forks the processes that tests start; forked.py calls it.

It is begun as `python -m tests.nursery NUMBER`, with the number of a socket on which it is asked for processes, and
ends when nobody can ask any more. Each of them has connections of its own and empty caches, as a server's worker has.
"""

import gc
import json
import os
import signal
import socket
import sys

TEMPLATE = os.environ["FABLOCH_TEST_TEMPLATE"]


def load():
    """Return the registry of the template, with no connection left open."""
    import odoo
    from odoo.modules.registry import Registry
    from odoo.sql_db import close_all

    odoo.tools.config.parse_config(["--no-http", "-d", TEMPLATE], setup_logging=False)
    registry = Registry(TEMPLATE)
    Registry.delete(TEMPLATE)
    close_all()
    gc.freeze()  # what is loaded stays: each process would copy it to count its references
    return registry


def serve(control, registry):
    """Fork a process for each request: its three streams, and a socket for the rest of what is told."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while descriptors := socket.recv_fds(control, 1, 4)[1]:
        if not os.fork():
            attend(registry, socket.socket(fileno=descriptors.pop()), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def attend(registry, line, streams):
    """Start what `line` asks for; tell there its process id, and its exit code when it has ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    request = json.load(line.makefile())
    if not (child := os.fork()):
        live(registry, streams, **request)
        sys.exit()
    for stream in streams:
        os.close(stream)
    line.sendall(b"%d\n" % child)
    line.sendall(b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    os._exit(0)


def live(registry, streams, source, name):
    """Run `source`; the loaded addons are those of the database `name`, a copy of the template."""
    from odoo.modules.registry import Registry
    from odoo.sql_db import db_connect

    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    registry.db_name, registry._db = name, db_connect(name)
    Registry.registries[name] = registry
    registry.check_signaling()
    registry.clear_all_caches()
    registry.cache_invalidated.clear()
    exec(compile(source, "<test>", "exec"), {"__name__": "__main__"})


if __name__ == "__main__" and not os.fork():  # nobody's child: Odoo's test classes end the children that they find
    serve(socket.socket(fileno=int(sys.argv[1])), load())

"""Processes in which Odoo is loaded within some hundredths of a second."""

import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading

import databases


@functools.cache
def _nursery():
    """The socket on which nursery.py, once begun, is asked for processes."""
    ours, its = socket.socketpair()
    with its:
        command = [sys.executable, "-m", "tests.nursery", str(its.fileno())]
        subprocess.run(command, pass_fds=[its.fileno()], cwd=databases.ROOT, check=True)
    return ours


class Forked:
    """A process that runs `source` on database `name`, a copy of the test template.

    It has what tests use of `subprocess.Popen`; its three streams are text.
    """

    def __init__(self, source, name):
        self.returncode = None
        stdin, told = os.pipe()
        said, stdout = os.pipe()
        self.stdin, self.stdout = open(told, "w"), open(said)
        self._line, line = socket.socketpair()
        # A file: a pipe that nobody empties would stop who logs a lot into it.
        with line, tempfile.NamedTemporaryFile() as errors:
            self.stderr = open(errors.name)
            socket.send_fds(_nursery(), [b"!"], [stdin, stdout, errors.fileno(), line.fileno()])
        os.close(stdin)
        os.close(stdout)
        self._line.sendall(json.dumps({"source": source, "name": name}).encode())
        self._line.shutdown(socket.SHUT_WR)
        answer = self._line.makefile("rb", buffering=0).readline()
        assert answer, "nursery.py has ended: its error stands on stderr"
        self.pid = int(answer)

    def kill(self):
        if self.wait(0) is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self, timeout=None):
        """Return the exit code, None if it hasn't ended after `timeout` seconds."""
        if self.returncode is None:
            self._line.settimeout(timeout)
            with contextlib.suppress(TimeoutError, BlockingIOError):
                self.returncode = int(self._line.recv(8))
        return self.returncode

    def communicate(self, timeout=None):
        """Return what it says on stdout and stderr until its end; it is killed after `timeout` seconds."""
        late = threading.Timer(timeout or threading.TIMEOUT_MAX, self.kill)
        late.daemon = True
        late.start()
        with contextlib.suppress(BrokenPipeError):
            self.stdin.close()
        with self.stdout, self.stderr:
            printed = self.stdout.read()
            self.wait()
            late.cancel()
            return printed, self.stderr.read()

"""Processes that call the server's methods when they are told to, so that a test can let them race."""

import json
from collections import Counter

from tests.common import spawn

# What the server says when others were in the way five times, and how often a caller then calls again.
IN_THE_WAY = ("SerializationFailure", "DeadlockDetected", "LockNotAvailable")
TURNS = 20

# A racer does what it reads on its standard input, one line of JSON at a time, and answers with one line. It calls as
# the server does for a call from outside: rights, retries after a lost race of transactions, messages of the database.
RACER = """
import json, random, time
from functools import partial
from types import SimpleNamespace
from odoo.exceptions import UserError
from odoo.service import model as service

retried = []
# The server waits some seconds before it tries again; a tenth is enough here. Each wait is a retry, and counted.
service.time = SimpleNamespace(sleep=lambda seconds: (retried.append(seconds), time.sleep(seconds / 10)))

def book(env, model, vals):
    # As a controller does: booked and confirmed within one transaction.
    booking = env[model].create(vals)
    booking.action_confirm()
    return booking.ids

# What a controller or a scheduled action does, and no call from outside can: the preparation may add more.
OWN = {"book": book}

def call(uid, model, method, args):
    with env.registry.cursor() as cursor:
        if method in OWN:
            racing = api.Environment(cursor, uid, {})
            racing.transaction.default_env = racing
            return service.retrying(partial(OWN[method], racing, model, *args), racing)
        return service.execute_cr(cursor, uid, model, method, args, {})

PREPARATION
print("ready", flush=True)
while line := input():
    retried.clear()
    answer = {"refused": None, "raw": None, "result": None, "left": json.loads(line)}
    try:
        while answer["left"]:
            step = answer["left"][0]
            if step["args"] == "PREVIOUS":
                step["args"] = [answer["result"]]
            answer["result"] = call(**step)
            del answer["left"][0]
        if isinstance(answer["result"], dict) and "messages" in answer["result"]:  # of an import
            problems = [message["message"] for message in answer["result"]["messages"]]
            if problems:
                answer["refused"] = "\\n".join(problems)
    except UserError as error:
        answer["refused"] = str(error)
    except Exception as error:
        answer["raw"] = f"{type(error).__name__}: {error}"
    answer["retried"] = len(retried)
    print(json.dumps(answer, default=str), flush=True)
"""


class Racers:
    """A number of processes on one database. `race` gives each its calls at the same moment and returns the answers.

    An answer is a dict: `result` (of the last call), `refused` (the message of a refusal), `raw` (an error that nobody
    made a message of), `retried` (how often the server tried again), `left` (the steps not done).
    """

    def __init__(self, count, name, preparation=""):
        code = RACER.replace("PREPARATION", preparation)
        self.processes = [spawn(code, name) for _number in range(count)]

    def __enter__(self):
        for process in self.processes:
            self._read(process, "ready")
        return self

    def __exit__(self, *error):
        for process in self.processes:
            process.kill()
            process.communicate()

    def race(self, calls):
        """Let each process do its calls.

        :param list calls: for each process a list of `step`s, or None for a process that rests.
        """
        running = [(process, steps) for process, steps in zip(self.processes, calls, strict=False) if steps is not None]
        for process, steps in running:
            process.stdin.write(json.dumps(steps) + "\n")
        for process, _steps in running:
            process.stdin.flush()
        return [json.loads(self._read(process, "{")) for process, _steps in running]

    def race_on(self, calls):
        """As `race`; but whom the server gave up, after five tries, calls again as a person does.

        Returns the answers, `retried` in each counting all the tries that were lost.
        """
        answers, retried, left = [None] * len(calls), Counter(), list(calls)
        for _turn in range(TURNS):
            running = [number for number, steps in enumerate(left) if steps is not None]
            for number, answer in zip(running, self.race(left), strict=True):
                retried[number] += answer["retried"]
                if (answer["raw"] or "").startswith(IN_THE_WAY):
                    retried[number] += 1
                    left[number] = answer["left"]
                else:
                    left[number] = None
                    answers[number] = answer | {"retried": retried[number]}
            if not any(left):
                return answers
        raise AssertionError(f"in {TURNS} turns some never got through: {calls}")

    def _read(self, process, beginning):
        for line in process.stdout:
            if line.startswith(beginning):
                return line
        raise AssertionError(process.stderr.read()[-5000:])


def step(uid, model, method, *args):
    """A call by user `uid`, as `Racers.race` takes it; "PREVIOUS" alone stands for what the step before returned."""
    return {"uid": uid, "model": model, "method": method, "args": "PREVIOUS" if args == ("PREVIOUS",) else list(args)}

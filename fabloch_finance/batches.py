"""Work of a scheduled action in batches that are committed one by one."""


def committed(env, batches, size=len):
    """Yield each of `batches`, committed once the caller is done with it; no more once the time of the action is over.

    What was committed stays, whatever becomes of the next batch: the next call of the action finds the rest.

    :param batches: iterable; made whole before the first one is worked at, so that the progress shows what remains.
    :param size: function of a batch that returns how many things it holds.
    """
    batches = list(batches)
    remaining = sum(map(size, batches))
    commit = env["ir.cron"]._commit_progress
    commit(remaining=remaining)
    for batch in batches:
        yield batch
        remaining -= size(batch)
        if not commit(size(batch), remaining=remaining):
            return

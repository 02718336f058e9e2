"""Batches of a scheduled action: each is committed, the progress is told, and the time that is over ends them."""

from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from odoo.addons.fabloch_finance.batches import committed


@tagged("post_install", "-at_install")
class TestBatches(TransactionCase):
    def _told(self, batches, seconds=None, **options):
        """What was done and told in turn; `seconds` left after each batch."""
        seconds, told = iter(seconds or []), []

        def commit(_cron, processed=0, *, remaining=None):
            told.append((processed, remaining))
            return next(seconds, 60) if processed else 60

        with patch.object(type(self.env["ir.cron"]), "_commit_progress", commit):
            for batch in committed(self.env, batches, **options):
                told.append(batch)
        return told

    def test_each_batch_is_committed_once_it_is_done(self):
        self.assertEqual(self._told(iter([[1, 2], [3]])), [(0, 3), [1, 2], (2, 1), [3], (1, 0)])
        self.assertEqual(self._told([]), [(0, 0)])

    def test_no_more_batches_once_the_time_is_over(self):
        self.assertEqual(self._told([[1, 2], [3]], seconds=[0]), [(0, 3), [1, 2], (2, 1)])

    def test_a_batch_says_its_size(self):
        step = ("kind", [1, 2, 3])
        self.assertEqual(self._told([step], size=lambda found: len(found[-1])), [(0, 3), step, (3, 0)])

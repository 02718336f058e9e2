from odoo import models


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    def _draw_many_of_date(self, date, count):
        """Return the next `count` numbers for a date, of a sequence that may start afresh each year.

        :param date date: the day that the numbers belong to.
        :param int count: how many; one query when PostgreSQL keeps the sequence.
        :return: list of str.
        """
        self.ensure_one()
        if self.implementation != "standard" or not self.use_date_range:
            return [self._next(sequence_date=date) for _index in range(count)]
        period = self.date_range_ids.filtered(lambda each: each.date_from <= date <= each.date_to)[
            :1
        ] or self._create_date_range_seq(date)
        self.env.cr.execute(
            "SELECT nextval(%s) FROM generate_series(1, %s)", [f"ir_sequence_{self.id:03d}_{period.id:03d}", count]
        )
        drawer = self.with_context(ir_sequence_date=date, ir_sequence_date_range=period.date_from)
        return [drawer.get_next_char(number) for (number,) in self.env.cr.fetchall()]

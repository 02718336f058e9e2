from odoo import models


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    def _draw_many(self, count):
        """Return the next `count` numbers of this sequence, in one query when PostgreSQL keeps it.

        :param int count: how many numbers.
        :return: list of str.
        """
        self.ensure_one()
        if self.implementation != "standard" or self.use_date_range:
            return [self._next() for _index in range(count)]
        self.env.cr.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [f"ir_sequence_{self.id:03d}", count])
        return [self.get_next_char(number) for (number,) in self.env.cr.fetchall()]

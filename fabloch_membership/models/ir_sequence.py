from odoo import api, models, tools


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    def _draw_many(self, count):
        """Return the next `count` numbers of this sequence, in one query when PostgreSQL keeps it.

        :param int count: how many numbers.
        :return: list of str.
        """
        self.ensure_one()
        pattern = self._plain_pattern(self.id)
        if pattern is None:
            if self.implementation != "standard" or self.use_date_range:
                return [self._next() for _index in range(count)]
        self.env.cr.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [f"ir_sequence_{self.id:03d}", count])
        numbers = [number for (number,) in self.env.cr.fetchall()]
        if pattern is None:
            return [self.get_next_char(number) for number in numbers]
        prefix, padding, suffix = pattern
        return [f"{prefix}{number:0{padding}d}{suffix}" for number in numbers]

    @api.model
    @tools.ormcache("sequence_id")
    def _plain_pattern(self, sequence_id):
        """Return (prefix, padding, suffix) of a sequence that PostgreSQL keeps and no date shows in; None otherwise."""
        sequence = self.sudo().browse(sequence_id)
        words = (sequence.prefix or "") + (sequence.suffix or "")
        if sequence.implementation != "standard" or sequence.use_date_range or "%" in words:
            return None
        return sequence.prefix or "", sequence.padding, sequence.suffix or ""

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

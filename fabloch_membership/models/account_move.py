from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def write(self, vals):
        """A fee whose invoice is cancelled isn't charged again once its membership is cancelled, too."""
        result = super().write(vals)
        if vals.get("state") == "cancel":
            self.sudo().line_ids.fabloch_charge_id._waive_of_cancelled_memberships()
        return result


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def unlink(self):
        """The same holds for a draft invoice that is deleted, or the line of one."""
        charges = self.sudo().fabloch_charge_id
        result = super().unlink()
        charges._waive_of_cancelled_memberships()
        return result

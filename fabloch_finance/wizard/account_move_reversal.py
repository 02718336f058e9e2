from odoo import models
from odoo.exceptions import UserError


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    def reverse_moves(self, is_modify=False):
        charges = self.move_ids.sudo().invoice_line_ids.fabloch_charge_id
        if is_modify and charges:
            raise UserError(
                self.env._(
                    "These invoices come from charges, which a copy of the invoice would bill a second time. "
                    "Choose “Reverse”, then “Invoice again” on the charges."
                )
            )
        return super().reverse_moves(is_modify=is_modify)

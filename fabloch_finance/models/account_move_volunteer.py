from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "account.move"

    def button_draft(self):
        self._check_no_volunteering()
        return super().button_draft()

    def button_cancel(self):
        self._check_no_volunteering()
        return super().button_cancel()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        self._check_no_volunteering()
        return super()._reverse_moves(default_values_list, cancel)

    def _check_no_volunteering(self):
        """An entry of volunteer hours is undone by its posting, which frees the hours too."""
        posting = (
            self.env["fabloch.volunteer.posting"]
            .sudo()
            .search([("move_id", "in", self.ids), ("state", "=", "posted")], limit=1)
        )
        if posting:
            raise UserError(
                self.env._(
                    "This entry books volunteer hours: cancel “%s” under Volunteers > Postings, which reverses it and "
                    "frees the hours.",
                    posting.display_name,
                )
            )

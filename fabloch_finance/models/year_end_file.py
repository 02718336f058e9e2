from odoo import api, fields, models


class YearEndFile(models.Model):
    """A year-end pack that was made: the file itself with its SHA-256, what it is of, who made it and when.

    `fabloch.year.end.pack` makes it; it is never changed nor deleted (accounts are kept ten years).
    """

    _name = "fabloch.year.end.file"
    _description = "Year-end pack that was made"
    _order = "id desc"

    name = fields.Char("File", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")
    fiscal_year = fields.Char("Exercise", required=True, readonly=True)
    date_from = fields.Date("First day", required=True, readonly=True)
    date_to = fields.Date("Last day", required=True, readonly=True)
    content = fields.Binary("Pack", required=True, readonly=True, attachment=True)
    size = fields.Integer("Size (bytes)", required=True, readonly=True, aggregator=None)
    sha256 = fields.Char("SHA-256", required=True, readonly=True)
    document_count = fields.Integer("Documents", required=True, readonly=True, aggregator=None)
    warning_count = fields.Integer(
        "Open points",
        required=True,
        readonly=True,
        aggregator=None,
        help="Checks that weren't passed when it was made.",
    )
    create_uid = fields.Many2one("res.users", "Made by", readonly=True)
    create_date = fields.Datetime("Made on", readonly=True)

    @api.depends("name")
    def _compute_display_name(self):
        for kept in self:
            kept.display_name = kept.name

    def action_download(self):
        """Download the pack as it was made."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/content/{self.name}?download=true",
            "target": "new",
        }

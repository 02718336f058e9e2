from bisect import bisect_right

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError


class LegalParameter(models.Model):
    """A rate, threshold, deadline or mention that the law sets, in force from a date until the next one."""

    _name = "fabloch.legal.parameter"
    _description = "Legal parameter"
    _inherit = "fabloch.settings.mixin"
    _order = "code, date_from desc"
    _rec_names_search = ["code", "name"]

    code = fields.Char(
        required=True,
        help="What the programs ask for. The same code on several lines: its successive values.",
    )
    name = fields.Char(string="Meaning", required=True, translate=True)
    value_type = fields.Selection(
        [("number", "Number"), ("text", "Text"), ("date", "Date")],
        string="Kind of value",
        required=True,
        default="number",
    )
    value = fields.Char(
        required=True,
        help="A number with a decimal point, a date as YYYY-MM-DD, or the words to print as they are.",
    )
    unit = fields.Char(translate=True, help="€, years, per cent... A rate of sixty per cent is the number 60.")
    date_from = fields.Date(
        string="In force from",
        required=True,
        help="Until the day before the next line with the same code.",
    )
    date_to = fields.Date(string="In force until", compute="_compute_date_to")
    in_force = fields.Boolean(string="In force today", compute="_compute_date_to", search="_search_in_force")
    source = fields.Char(required=True, help="The article, decree or page that says so.")
    verification = fields.Selection(
        [
            ("verified", "Verified"),
            ("secondary", "Secondary source"),
            ("unverified", "Not verified"),
        ],
        required=True,
        default="unverified",
    )
    note = fields.Text()

    _code_date_from_unique = models.Constraint(
        "UNIQUE (code, date_from)",
        "This legal parameter already has a value from that date: change that line, or choose another date.",
    )

    @api.constrains("code", "value", "value_type")
    def _check_value(self):
        for parameter in self:
            try:
                parameter._typed_value()
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "The value “%(value)s” of the legal parameter “%(code)s” does not fit its kind. Write a"
                        " number with a decimal point (66 or 0.5) or a date as YYYY-MM-DD, or choose Text.",
                        value=parameter.value,
                        code=parameter.code,
                    )
                ) from error

    @api.depends("code", "date_from")
    @api.depends_context("uid")
    def _compute_date_to(self):
        today = fields.Date.context_today(self)
        starts = {}
        for code, date_from in self.sudo()._read_group(
            [("code", "in", self.mapped("code"))], ["code", "date_from:day"], []
        ):
            starts.setdefault(code, []).append(date_from)
        for parameter in self:
            following = [
                date for date in starts.get(parameter.code, ()) if parameter.date_from and date > parameter.date_from
            ]
            parameter.date_to = fields.Date.subtract(min(following), days=1) if following else False
            parameter.in_force = bool(
                parameter.date_from
                and parameter.date_from <= today
                and (not parameter.date_to or parameter.date_to >= today)
            )

    def _search_in_force(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        today = fields.Date.context_today(self)
        latest = self.sudo()._read_group([("date_from", "<=", today)], ["code"], ["date_from:max"])
        domain = fields.Domain.OR(
            fields.Domain("code", "=", code) & fields.Domain("date_from", "=", date) for code, date in latest
        )
        return domain if (operator == "in") == (True in value) else ~domain

    @api.depends("code", "date_from")
    def _compute_display_name(self):
        for parameter in self:
            parameter.display_name = f"{parameter.code} ({parameter.date_from})"

    @api.model
    def _get(self, code, date=None, raise_if_not_found=True):
        """Give the value in force at a date, whoever asks; without a query once it was asked for.

        :param str code: the parameter's code
        :param date: a date (or datetime); today when empty
        :param bool raise_if_not_found: when False, give None where no value is known
        :return: a float for a number, a str for a text, a `date` for a date
        :raise UserError: when no value is known for that code at that date
        """
        date = fields.Date.to_date(date) or fields.Date.context_today(self)
        starts, values = self._get_history(code)
        position = bisect_right(starts, date)
        if not position:
            if not raise_if_not_found:
                return None
            raise UserError(
                self.env._(
                    "The legal parameter “%(code)s” has no value in force on %(date)s. Ask the accountant to add"
                    " one under Fablab > Configuration > Legal parameters, with its date and its source.",
                    code=code,
                    date=tools.format_date(self.env, date),
                )
            )
        return values[position - 1]

    @api.model
    @tools.ormcache("code")
    def _get_history(self, code):
        """Give the dates from which a code has a new value, in order, and those values."""
        self.flush_model()
        parameters = self.sudo().search([("code", "=", code)], order="date_from")
        return tuple(parameters.mapped("date_from")), tuple(parameter._typed_value() for parameter in parameters)

    def _typed_value(self):
        """Give the value in its own type; `ValueError` when it cannot be read so."""
        self.ensure_one()
        if self.value_type == "number":
            number = float(self.value)
            if number in (float("inf"), float("-inf")) or number != number:
                raise ValueError(self.value)
            return number
        if self.value_type == "date":
            return fields.Date.to_date(self.value)
        return self.value

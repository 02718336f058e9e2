from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..receipt_text import amount_words, siren_of

REFUSALS_SHOWN = 10


class IssueGroup(NamedTuple):
    """The gifts that make one receipt."""

    company: models.BaseModel
    donor: models.BaseModel
    kind: str
    donations: models.BaseModel


class TaxReceiptIssue(models.Model):
    """How gifts become receipts, and what refuses them one."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.tax.receipt"

    @api.model
    def _issue(self, donations, date=None, per_gift=False, together=False, render=True, **vals):
        """Issue the receipts of these gifts: one for each donor, company, model and (fiscal) year.

        Everything or nothing: a gift that is refused stops all of them. Numbers are taken, rows made, then the PDFs
        are printed from what the rows say.

        :param donations: `fabloch.donation`s, of any number of donors.
        :param date date: of issue; today when empty.
        :param bool per_gift: one receipt for each gift.
        :param bool together: one receipt for all the gifts of a donor, or a refusal when they lie in two of its years.
        :param bool render: print the PDFs at once; a batch prints them later.
        :param vals: more values for the receipts (`batch_id`, `replaces_id`).
        :return: the receipts, in the order of their numbers.
        :raises UserError: naming each gift that is refused, and why.
        :raises AccessError: for whoever is not an officer.
        """
        self._check_officer()
        donations.check_access("read")
        donations = donations.sudo()
        date = fields.Date.to_date(date) or fields.Date.context_today(self)
        if date > fields.Date.context_today(self):
            raise UserError(self.env._("A tax receipt is issued today or on a past day."))
        if refusals := self._refusals(donations, date, together=together and not per_gift):
            raise UserError(self._refusals_text(refusals))
        groups = self._issue_groups(donations, per_gift)
        receipts = self.sudo().browse()
        for company in donations.company_id:
            own = [group for group in groups if group.company == company]
            vals_list = [{**self._prepare_receipt_vals(group, date), **vals} for group in own]
            # From here on others wait for their numbers.
            numbers = self.env["fabloch.tax.receipt.counter"].sudo()._take(company, date, len(own))
            for receipt_vals, number in zip(vals_list, numbers, strict=True):
                receipt_vals.update(name=f"{date.year}-{number:05d}", sequence_number=number)
            receipts |= self._create_issued(vals_list, own)
        if render:
            receipts._print_missing()
        return receipts.sudo(self.env.su)

    @api.model
    def _check_officer(self):
        if not (self.env.su or self.env.user.has_group("fabloch_partnership.group_partnership_user")):
            raise AccessError(self.env._("Tax receipts are issued by the partnership officer."))

    @api.model
    def _create_issued(self, vals_list, groups):
        """Make the rows: receipts, then their lines. No notes, no followers: thousands may be made in one go."""
        quiet = self.sudo().with_context(
            fabloch_issue=True, tracking_disable=True, mail_create_nolog=True, mail_create_nosubscribe=True
        )
        receipts = quiet.create(vals_list)
        quiet.env["fabloch.tax.receipt.line"].create(
            [
                {"receipt_id": receipt.id, **self._prepare_line_vals(donation)}
                for receipt, group in zip(receipts, groups, strict=True)
                for donation in group.donations
            ]
        )
        return self.sudo().browse(receipts.ids)

    # -- Which gifts go on which receipt -------------------------------------------------------------

    @api.model
    def _issue_groups(self, donations, per_gift=False):
        """Return the list of `IssueGroup` for these gifts, in the order in which they get their numbers."""
        ordered = donations.sorted(lambda gift: (gift._receipt_date(), gift.id))
        keyed = ordered.grouped(
            lambda gift: (
                gift.company_id,
                gift._receipt_donor(),
                gift.donor_kind,
                gift if per_gift else gift._receipt_year(),
            )
        )
        return [IssueGroup(company, donor, kind, gifts) for (company, donor, kind, _key), gifts in keyed.items()]

    # -- What refuses a gift a receipt -----------------------------------------------------------------

    @api.model
    def _refusals(self, donations, date=None, together=False):
        """Tell which of these gifts can get no receipt, and why; writes nothing.

        :param bool together: whether one receipt is to cover all the gifts of a donor.
        :return: {donation: reason}
        """
        donations = donations.sudo()
        date = fields.Date.to_date(date) or fields.Date.context_today(self)
        lines = self.env["fabloch.tax.receipt.line"].sudo()
        receipt_of = {
            line.donation_id: line.receipt_id
            for line in lines.search([("donation_id", "in", donations.ids), ("live", "=", True)])
        }
        ineligible = donations._ineligible_reasons()
        company_reasons = {
            key: self._company_refusal(*key, date) for key in {(gift.company_id, gift.donor_kind) for gift in donations}
        }
        donor_reasons = {
            key: self._donor_refusal(*key) for key in {(gift._receipt_donor(), gift.donor_kind) for gift in donations}
        }
        refusals = {}
        for gift in donations:
            reason = (
                gift in receipt_of
                and self.env._("It is on the tax receipt %s already.", receipt_of[gift].name)
                or gift._receipt_refusal(date)
                or ineligible.get(gift)
                or company_reasons[gift.company_id, gift.donor_kind]
                or donor_reasons[gift._receipt_donor(), gift.donor_kind]
            )
            if reason:
                refusals[gift] = reason
        if together:
            refusals = {**self._refusals_of_period(donations), **refusals}
        return refusals

    @api.model
    def _refusals_of_period(self, donations):
        """One receipt never covers two of the donor's fiscal years (nor two tax years of an individual)."""
        refusals = {}
        by_donor = donations.grouped(lambda gift: (gift.company_id, gift._receipt_donor()))
        for (_company, donor), gifts in by_donor.items():
            if len({gift._receipt_year() for gift in gifts}) > 1:
                reason = self.env._(
                    "The gifts lie in two fiscal years of %s: one receipt covers one of them only. Issue one for each.",
                    donor.display_name,
                )
                refusals.update(dict.fromkeys(gifts, reason))
        return refusals

    @api.model
    def _company_refusal(self, company, kind, date):
        """Return what keeps `company` from issuing any receipt of this model, or None."""
        settings = {
            self.env._("the object"): company.receipt_object,
            self.env._("the legal category"): company.receipt_category,
            self.env._("the name of the signatory"): company.receipt_signatory_name,
            self.env._("the quality of the signatory"): company.receipt_signatory_function,
            self.env._("the SIREN or the RNA number"): siren_of(company.company_registry) or company.rna,
            self.env._("the address"): company.partner_id._receipt_address(),
        }
        missing = [name for name, value in settings.items() if not value]
        if missing:
            return self.env._(
                "%(company)s lacks what a receipt states of it: %(missing)s. Fill in the settings (Tax receipts).",
                company=company.name,
                missing=", ".join(missing),
            )
        if company.currency_id.name != "EUR":
            return self.env._("A tax receipt is in euros: %s keeps its accounts in another currency.", company.name)
        for code in self._legal_codes(kind):
            if self.env["fabloch.legal.parameter"]._get(code, date, raise_if_not_found=False) is None:
                return self.env._("The legal parameter “%s” has no value on the date of issue: add it.", code)
        return None

    @api.model
    def _donor_refusal(self, donor, kind):
        """Return what a receipt would state of this donor and can't, or None."""
        if not donor._receipt_address():
            return self.env._("The address of %s lacks the street, the zip code or the city.", donor.display_name)
        if kind == "company":
            if not siren_of(donor.company_registry):
                return self.env._(
                    "%s has no valid SIREN (or SIRET): a company's receipt states it.", donor.display_name
                )
            if not donor.legal_form:
                return self.env._("%s has no legal form: a company's receipt states it.", donor.display_name)
        return None

    @api.model
    def _refusals_text(self, refusals):
        shown = [f"{gift.display_name}: {reason}" for gift, reason in list(refusals.items())[:REFUSALS_SHOWN]]
        if len(refusals) > REFUSALS_SHOWN:
            shown.append(self.env._("… and %s more.", len(refusals) - REFUSALS_SHOWN))
        return "\n".join([self.env._("No tax receipt was issued:"), *shown])

    # -- Values, for others to extend --------------------------------------------------------------

    @api.model
    def _legal_codes(self, kind):
        """Return the codes of the legal parameters for the model's name and the article of the law."""
        return f"gift_{kind}_receipt_form", f"gift_{kind}_article"

    @api.model
    def _prepare_receipt_vals(self, group, date):
        """All that the receipt of `group` states, copied; its number comes last."""
        company, donor, gifts = group.company, group.donor, group.donations
        form, article = (self.env["fabloch.legal.parameter"]._get(code, date) for code in self._legal_codes(group.kind))
        round_ = company.currency_id.round
        cash = round_(sum(gifts.filtered(lambda gift: gift.nature == "cash").mapped("amount")))
        total = round_(sum(gifts.mapped("amount")))
        dates = [gift._receipt_date() for gift in gifts]
        return {
            "year": date.year,
            "company_id": company.id,
            "currency_id": company.currency_id.id,
            "partner_id": donor.id,
            "kind": group.kind,
            "date": date,
            "form": form,
            "article": article,
            "body_name": company.name,
            "body_siren": siren_of(company.company_registry),
            "body_rna": company.rna,
            "body_address": company.partner_id._receipt_address(),
            "body_object": company.receipt_object,
            "body_category": company.receipt_category,
            "donor_name": donor.name,
            "donor_address": donor._receipt_address(),
            "donor_legal_form": donor.legal_form if group.kind == "company" else False,
            "donor_siren": siren_of(donor.company_registry) if group.kind == "company" else False,
            "signatory_name": company.receipt_signatory_name,
            "signatory_function": company.receipt_signatory_function,
            "signature": company.receipt_signature,
            "date_from": min(dates),
            "date_to": max(dates),
            "amount_cash": cash,
            "amount_in_kind": round_(total - cash),
            "amount": total,
            "amount_words": amount_words(total),
        }

    @api.model
    def _prepare_line_vals(self, donation):
        """What the receipt states of one gift, copied."""
        return {
            "donation_id": donation.id,
            "company_id": donation.company_id.id,
            "currency_id": donation.currency_id.id,
            "date": donation._receipt_date(),
            "amount": donation.amount,
            "nature": donation.nature,
            "form": donation.form,
            "payment_mode": donation.payment_mode if donation.nature == "cash" else False,
            "description": donation._receipt_text(),
        }

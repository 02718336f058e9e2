import logging
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from odoo.addons.fabloch_finance.batches import committed

_logger = logging.getLogger(__name__)

DONORS_PER_STEP = 100
PDFS_PER_STEP = 50
MAILS_PER_STEP = 100
ATTEMPTS_PER_STEP = 8
LEFT_OVER_MINUTES = 10


class TaxReceiptBatchRun(models.Model):
    """How a batch goes on, step by step, each one committed: receipts first, then PDFs, then mails.

    A process that dies loses the step at hand and nothing else; the next call goes on from there. A worker that finds
    the batch in other hands leaves it alone.
    """

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.tax.receipt.batch"

    # -- Before --------------------------------------------------------------------------------------------

    def action_preview(self):
        """Note what the batch would issue and what it would refuse, and why; no receipt is made."""
        self.env["fabloch.tax.receipt"]._check_officer()
        self.check_access("write")
        for batch in self.sudo():
            batch._check_draft()
            batch.refusal_ids.unlink()
            donors, count, amount = batch._donor_ids(), 0, 0.0
            for donor_ids in split_every(DONORS_PER_STEP, donors):
                gifts = batch._gifts_of(donor_ids)
                refusals = self.env["fabloch.tax.receipt"]._refusals(gifts)
                batch._record_refusals(refusals)
                ready = gifts.filtered(lambda gift, refusals=refusals: gift not in refusals)
                count += len(ready)
                amount += sum(ready.mapped("amount"))
            batch.write(
                {
                    "donor_count": len(donors),
                    "preview_gift_count": count,
                    "preview_amount": batch.currency_id.round(amount),
                    "previewed_on": fields.Datetime.now(),
                }
            )
        return True

    def action_start(self):
        """Start issuing, in the background.

        :raises UserError: when it is started, or there is nothing to do.
        """
        self.env["fabloch.tax.receipt"]._check_officer()
        self.check_access("write")
        for batch in self.sudo():
            batch._check_draft()
            donors = batch._donor_ids()
            if not donors:
                raise UserError(self.env._("No gift of this period waits for a receipt."))
            batch.refusal_ids.unlink()
            batch.write(
                {
                    "state": "issuing",
                    "todo_donor_ids": donors,
                    "donor_count": len(donors),
                    "position": 0,
                    "user_id": self.env.uid,
                }
            )
        self.env.ref("fabloch_partnership.ir_cron_tax_receipts").sudo()._trigger()
        return True

    def _check_draft(self):
        if self.state != "draft":
            raise UserError(self.env._("This batch is started already."))

    def _donor_ids(self):
        """Return the ids of the donors (houses) with gifts for this batch, in order."""
        self.ensure_one()
        Donation = self.env["fabloch.donation"].sudo()
        rows = Donation._read_group(self._gift_domain(), ["partner_id"], ["amount:sum"])
        totals = {}
        for partner, amount in rows:
            donor = partner.commercial_partner_id
            totals[donor.id] = totals.get(donor.id, 0.0) + amount
        return sorted(
            donor_id
            for donor_id, amount in totals.items()
            if self.currency_id.compare_amounts(amount, self.amount_min) >= 0
        )

    def _gifts_of(self, donor_ids):
        """Return the gifts of these donors that this batch looks at."""
        gifts = (
            self.env["fabloch.donation"]
            .sudo()
            .search([*self._gift_domain(), ("partner_id.commercial_partner_id", "in", donor_ids)])
        )
        return gifts if self.kind == "all" else gifts.filtered(lambda gift: gift.donor_kind == self.kind)

    def _record_refusals(self, refusals):
        self.env["fabloch.tax.receipt.refusal"].sudo().create(
            [{"batch_id": self.id, "donation_id": gift.id, "reason": reason} for gift, reason in refusals.items()]
        )

    # -- The run --------------------------------------------------------------------------------------------

    @api.model
    def _cron_run(self):
        """Go on with every batch that is started, until the time of the scheduled action is over."""
        commit = self.env["ir.cron"]._commit_progress
        batches = self.sudo().search([("state", "in", ("issuing", "printing", "mailing"))], order="id")
        commit(remaining=sum(batch._remaining() for batch in batches))
        for batch in batches:
            while batch._step_retried():
                if not commit(batch._step_size(), remaining=sum(each._remaining() for each in batches)):
                    return
            commit(remaining=sum(each._remaining() for each in batches))
        self._print_left_over()

    @api.model
    def _print_left_over(self):
        """Print the receipts that were issued by hand and whose printing failed, or whose process died before it."""
        left = (
            self.env["fabloch.tax.receipt"]
            .sudo()
            .search(
                [
                    ("pdf", "=", False),
                    ("batch_id", "=", False),
                    # Not what somebody is printing at this moment.
                    ("create_date", "<", fields.Datetime.now() - timedelta(minutes=LEFT_OVER_MINUTES)),
                ],
                order="id",
            )
        )
        for receipts in committed(self.env, split_every(PDFS_PER_STEP, left.ids, left.browse)):
            receipts._print_missing()

    def _step_size(self):
        return {"issuing": DONORS_PER_STEP, "printing": PDFS_PER_STEP}.get(self.state, MAILS_PER_STEP)

    def _remaining(self):
        """Return about how many donors, PDFs and mails are still to do."""
        if self.state == "issuing":
            return self.donor_count - self.position
        if self.state == "printing":
            return self.receipt_count - self.printed_count
        return self.receipt_count - self.mailed_count if self.state == "mailing" else 0

    def _step_retried(self):
        """Do the next step; again when another transaction took numbers or gifts at the same moment.

        :return: False when there is nothing left to do here.
        """
        for attempt in range(1, ATTEMPTS_PER_STEP + 1):
            try:
                with self.env.cr.savepoint():
                    return self._step()
            except (psycopg2.OperationalError, psycopg2.errors.UniqueViolation):
                self.env.cr.rollback()
                self.env.invalidate_all()
                if attempt == ATTEMPTS_PER_STEP:
                    raise
                _logger.info("Tax receipts: somebody else issued at the same moment, trying again (%s)", attempt)
        return False

    def _step(self):
        """Do one step of this batch, if no other worker has it in hand."""
        self.ensure_one()
        if not self.try_lock_for_update():
            return False
        self.invalidate_recordset()
        step = {"issuing": self._step_issue, "printing": self._step_print, "mailing": self._step_mail}.get(self.state)
        if not step:
            return False
        return step() is not False

    def _step_issue(self):
        donor_ids = (self.todo_donor_ids or [])[self.position : self.position + DONORS_PER_STEP]
        if not donor_ids:
            self.state = "printing"
            return
        self._issue_for(donor_ids)
        self.position += len(donor_ids)

    def _issue_for(self, donor_ids):
        """Issue the receipts of these donors; one who breaks the step is set aside with the reason."""
        Receipt = self.env["fabloch.tax.receipt"].with_user(self.user_id).sudo().with_company(self.company_id)
        gifts = self._gifts_of(donor_ids)
        refusals = Receipt._refusals(gifts)
        ready = gifts.filtered(lambda gift: gift not in refusals)
        try:
            with self.env.cr.savepoint():
                if ready:
                    Receipt._issue(ready, per_gift=self.per_gift, render=False, batch_id=self.id)
        except (psycopg2.OperationalError, psycopg2.errors.UniqueViolation):
            raise
        except Exception as error:
            if len(donor_ids) > 1:
                half = len(donor_ids) // 2
                self._issue_for(donor_ids[:half])
                self._issue_for(donor_ids[half:])
                return
            _logger.warning("No tax receipt for the donor %s", donor_ids[0], exc_info=True)
            refusals.update(dict.fromkeys(ready, str(error) or type(error).__name__))
        self._record_refusals(refusals)

    def _step_print(self):
        receipts = self.env["fabloch.tax.receipt"].sudo()
        todo = receipts.search([("batch_id", "=", self.id), ("pdf", "=", False)], limit=PDFS_PER_STEP, order="id")
        if not todo:
            self.state = "mailing" if self.send_mail else "done"
            return True
        # One that can't be printed doesn't hold up the others; when none of them can, the next run tries again.
        return self._printed(todo) or any([self._printed(receipt) for receipt in todo])

    def _printed(self, receipts):
        """Print these receipts; tell whether it went well."""
        try:
            with self.env.cr.savepoint():
                receipts._print_missing()
        except psycopg2.OperationalError:
            raise
        except Exception:
            _logger.warning("Tax receipts not printed: %s", receipts.mapped("name"), exc_info=True)
            return False
        return True

    def _step_mail(self):
        todo = (
            self.env["fabloch.tax.receipt"]
            .sudo()
            .search(
                [
                    ("batch_id", "=", self.id),
                    ("mailed_on", "=", False),
                    ("state", "=", "live"),
                    ("partner_id.email", "not in", [False, ""]),
                ],
                limit=MAILS_PER_STEP,
                order="id",
            )
        )
        if not todo._mail():
            self.state = "done"

    # -- After ------------------------------------------------------------------------------------------------

    def action_open_receipts(self):
        """Open the receipts of this batch."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_partnership.tax_receipt_action")
        return {**action, "domain": [("batch_id", "=", self.id)]}

    def action_open_refusals(self):
        """Open what this batch refused, with the reasons."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("fabloch_partnership.tax_receipt_refusal_action")
        return {**action, "domain": [("batch_id", "=", self.id)]}

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# What may still change on a receipt that is issued, and only through its actions.
CHANGEABLE = {
    "state",
    "cancel_reason",
    "cancelled_on",
    "cancelled_by_id",
    "pdf",
    "sha256",
    "mailed_on",
    "to_check",
    "check_reason",
}
# Not columns of the table.
ELSEWHERE = {"message_follower_ids", "message_ids", "activity_ids"}

# One function for the three tables. It speaks in the class of errors (restrict violation) that Odoo shows to people.
GUARD = """
CREATE OR REPLACE FUNCTION fabloch_tax_receipt_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free text[] := ARRAY['write_uid', 'write_date'];
    rule text := 'A tax receipt is never edited and never deleted. Cancel it, and issue another one.';
BEGIN
    IF TG_OP IN ('DELETE', 'TRUNCATE') THEN
        RAISE EXCEPTION USING MESSAGE = rule, ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;
    END IF;
    IF TG_TABLE_NAME = 'fabloch_tax_receipt' THEN
        free := free || ARRAY['mailed_on', 'to_check', 'check_reason'];
        IF OLD.state = 'live' AND NEW.state = 'cancelled' THEN
            free := free || ARRAY['state', 'cancel_reason', 'cancelled_on', 'cancelled_by_id'];
        END IF;
        IF OLD.pdf IS NULL AND NEW.pdf IS NOT NULL
            AND NEW.sha256 = encode(sha256(decode(convert_from(NEW.pdf, 'UTF8'), 'base64')), 'hex')
        THEN
            free := free || ARRAY['pdf', 'sha256'];
        END IF;
    ELSIF TG_TABLE_NAME = 'fabloch_tax_receipt_line' THEN
        IF OLD.live AND NOT NEW.live AND EXISTS (
            SELECT FROM fabloch_tax_receipt WHERE id = OLD.receipt_id AND state = 'cancelled'
        ) THEN
            free := free || ARRAY['live'];
        END IF;
    ELSIF NEW.last >= OLD.last AND NEW.last_date >= OLD.last_date THEN
        free := free || ARRAY['last', 'last_date'];
    END IF;
    IF (to_jsonb(OLD) - free) IS DISTINCT FROM (to_jsonb(NEW) - free) THEN
        RAISE EXCEPTION USING MESSAGE = rule, ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END $$
"""

# At the end of the transaction: as many receipts as numbers, all from 1 to the last one (they are unique).
NO_GAP = """
CREATE OR REPLACE FUNCTION fabloch_tax_receipt_no_gap() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    counter record;
    found record;
BEGIN
    SELECT last INTO counter FROM fabloch_tax_receipt_counter WHERE company_id = NEW.company_id AND year = NEW.year;
    IF TG_TABLE_NAME = 'fabloch_tax_receipt' THEN
        IF NEW.sequence_number <= counter.last THEN
            RETURN NULL;
        END IF;
    ELSE
        SELECT count(*) AS number, max(sequence_number) AS highest INTO found
          FROM fabloch_tax_receipt WHERE company_id = NEW.company_id AND year = NEW.year;
        IF found.number = counter.last AND found.highest = counter.last THEN
            RETURN NULL;
        END IF;
    END IF;
    RAISE EXCEPTION USING
        MESSAGE = 'The numbers of tax receipts follow without gap: they are given by the issue only.',
        ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;
END $$
"""

# At the end of the transaction: a receipt states the gifts on it, neither fewer nor, later, one more.
SUM = """
CREATE OR REPLACE FUNCTION fabloch_tax_receipt_sum() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    receipt integer := coalesce(to_jsonb(NEW) ->> 'receipt_id', to_jsonb(NEW) ->> 'id');
BEGIN
    IF (SELECT amount FROM fabloch_tax_receipt WHERE id = receipt)
        IS DISTINCT FROM (SELECT sum(amount) FROM fabloch_tax_receipt_line WHERE receipt_id = receipt)
    THEN
        RAISE EXCEPTION USING
            MESSAGE = 'The total of a tax receipt is the sum of the gifts on it: none is added to it after its issue.',
            ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$
"""
FUNCTIONS = ("fabloch_tax_receipt_guard", "fabloch_tax_receipt_no_gap", "fabloch_tax_receipt_sum")


def create_guard(cr, table):
    """Put the triggers on `table`; they go with the table. ALWAYS: a replica's session can't pass them by either."""
    names = SQL.identifier(f"{table}_kept"), SQL.identifier(f"{table}_not_emptied"), SQL.identifier(f"{table}_no_gap")
    kept, not_emptied, no_gap = names
    target = SQL.identifier(table)
    cr.execute(SQL(GUARD))
    cr.execute(
        SQL(
            """
            DROP TRIGGER IF EXISTS %(kept)s ON %(target)s;
            CREATE TRIGGER %(kept)s BEFORE UPDATE OR DELETE ON %(target)s
               FOR EACH ROW EXECUTE FUNCTION fabloch_tax_receipt_guard();
            DROP TRIGGER IF EXISTS %(not_emptied)s ON %(target)s;
            CREATE TRIGGER %(not_emptied)s BEFORE TRUNCATE ON %(target)s
               FOR EACH STATEMENT EXECUTE FUNCTION fabloch_tax_receipt_guard();
            ALTER TABLE %(target)s ENABLE ALWAYS TRIGGER %(kept)s;
            ALTER TABLE %(target)s ENABLE ALWAYS TRIGGER %(not_emptied)s
            """,
            kept=kept,
            not_emptied=not_emptied,
            target=target,
        )
    )
    if table != "fabloch_tax_receipt_counter":
        cr.execute(SQL(SUM))
        cr.execute(
            SQL(
                """
                DROP TRIGGER IF EXISTS %(sum)s ON %(target)s;
                CREATE CONSTRAINT TRIGGER %(sum)s AFTER INSERT ON %(target)s
                    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fabloch_tax_receipt_sum()
                """,
                sum=SQL.identifier(f"{table}_sum"),
                target=target,
            )
        )
    if table == "fabloch_tax_receipt_line":
        return
    cr.execute(SQL(NO_GAP))
    cr.execute(
        SQL(
            """
            DROP TRIGGER IF EXISTS %(no_gap)s ON %(target)s;
            CREATE CONSTRAINT TRIGGER %(no_gap)s AFTER %(event)s ON %(target)s
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fabloch_tax_receipt_no_gap()
            """,
            no_gap=no_gap,
            target=target,
            # A receipt's number never changes: only a new one is looked at.
            event=SQL("INSERT") if table == "fabloch_tax_receipt" else SQL("INSERT OR UPDATE"),
        )
    )


def drop_guard(cr):
    """Remove the functions, and with them what may be left of the triggers: for the addon's removal."""
    for name in FUNCTIONS:
        cr.execute(SQL("DROP FUNCTION IF EXISTS %s() CASCADE", SQL.identifier(name)))


class TaxReceiptGuard(models.Model):
    """The words for what the database refuses."""

    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.tax.receipt"

    def init(self):
        create_guard(self.env.cr, self._table)

    @api.model_create_multi
    def create(self, vals_list):
        """Only the issue makes receipts: a receipt of its own would have no gift behind it."""
        self._check_issuing()
        return super().create(vals_list)

    def write(self, vals):
        forbidden = set(vals) - ELSEWHERE - (CHANGEABLE if self.env.su else set())
        if forbidden and self:
            self._refuse_change()
        return super().write(vals)

    # Whatever the context: even the removal of the addon drops the table, and deletes no row.
    def unlink(self):
        if self:
            self._refuse_change()
        return super().unlink()

    @api.model
    def _check_issuing(self):
        if not self.env.context.get("fabloch_issue"):
            raise UserError(self.env._("A tax receipt is issued from gifts: use “Issue tax receipts” on them."))

    def _refuse_change(self):
        raise UserError(
            self.env._(
                "The tax receipt %s is issued: it is never edited and never deleted. Cancel it, or cancel and replace "
                "it: both stay in the books.",
                self[:1].name,
            )
        )

    def copy(self, default=None):
        if self:
            raise UserError(self.env._("A tax receipt can't be copied: print a duplicate."))
        return super().copy(default)


class TaxReceiptLineGuard(models.Model):
    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.tax.receipt.line"

    def init(self):
        create_guard(self.env.cr, self._table)

    @api.model_create_multi
    def create(self, vals_list):
        self.env["fabloch.tax.receipt"]._check_issuing()
        return super().create(vals_list)

    def write(self, vals):
        if self and not (self.env.su and set(vals) == {"live"}):
            self.receipt_id._refuse_change()
        return super().write(vals)

    def unlink(self):
        if self:
            self.receipt_id._refuse_change()
        return super().unlink()


class TaxReceiptCounterGuard(models.Model):
    # A room of its own within the one model.
    # pylint: disable-next=consider-merging-classes-inherited
    _inherit = "fabloch.tax.receipt.counter"

    def init(self):
        create_guard(self.env.cr, self._table)

    @api.model_create_multi
    def create(self, vals_list):
        self._refuse_change()
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_change()
        return super().write(vals)

    def unlink(self):
        self._refuse_change()
        return super().unlink()

    def _refuse_change(self):
        raise UserError(self.env._("The counter of tax receipts moves by their issue only."))

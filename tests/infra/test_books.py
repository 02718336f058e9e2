"""What rests on the books goes from the cache with them, and weighs on no invoice."""

from odoo.tests import new_test_user, tagged

from tests.membership.common import MembershipCase


@tagged("post_install", "-at_install")
class TestBooks(MembershipCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.on_books = {
            cls.env[model]._fields[name]
            for model, names in cls.env["fabloch.books"]._fields_on_books()
            for name in names
        }

    def test_nothing_that_is_stored_rests_on_what_is_not(self):
        self.assertGreater(len(self.on_books), 15)
        self.assertFalse([field for field in self.on_books if field.store])

    def test_no_status_weighs_on_an_invoice(self):
        for model in ("account.move", "account.move.line", "account.payment", "account.partial.reconcile"):
            for field in set(self.env[model]._fields.values()) - self.on_books:
                self.assertFalse(self.on_books.intersection(self.env.registry.get_dependent_fields(field)), field)

    def test_the_trees_of_triggers_stay_small(self):
        """Nodes that Odoo goes through when a line of any invoice is written; without our addons they are 132."""
        tree = self.env.registry.get_field_trigger_tree(self.env["account.move.line"]._fields["balance"])
        self.assertLessEqual(sum(1 for _node in tree.depth_first()), 210)

    def test_what_the_cache_holds_follows_the_books(self):
        membership = self._membership(confirm=True)
        user = new_test_user(self.env, "anna_books", groups="base.group_portal", partner_id=self.anna.id)
        charge = membership.charge_ids

        def told():
            return (
                membership.status,
                membership.next_step and membership.to_renew,
                self.anna.membership_status,
                user.membership_status,
                self.rolling.member_count,
                charge.payment_state,
                charge.invoice_id.fabloch_is_late,
            )

        self.assertEqual(told(), ("waiting", False, "waiting", "waiting", 0, "not_paid", False))
        self._pay(membership)
        self.assertEqual(told(), ("active", False, "active", "active", 1, charge.invoice_id.payment_state, False))
        charge.invoice_id.line_ids.remove_move_reconcile()
        self.assertEqual(told(), ("waiting", False, "waiting", "waiting", 0, "not_paid", False))
        charge.invoice_id.invoice_date_due = "2026-03-01"
        self.assertTrue(charge.invoice_id.fabloch_is_late)
        charge.invoice_id.button_draft()
        self.assertFalse(charge.invoice_id.fabloch_is_late)
        self.company.membership_active_unpaid = True
        self.assertEqual(told()[:3], ("active", False, "active"))

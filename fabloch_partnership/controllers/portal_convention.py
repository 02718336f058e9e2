from werkzeug.exceptions import MethodNotAllowed

from odoo import SUPERUSER_ID, http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import content_disposition, request
from odoo.tools import consteq

from odoo.addons.fabloch_finance.arguments import may_be_id
from odoo.addons.portal.controllers.portal import CustomerPortal, pager

OPEN_STATES = ("in_signature", "signed", "terminated")
REPORT = "fabloch_partnership.action_report_convention"
MAX_MESSAGE = 2000
# A page whose address is a key to sign isn't cached, indexed, or told to the next site.
HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}


class ConventionPortal(CustomerPortal):
    """The partner's pages: their conventions, one of them, its signature. The rules are the model's."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "convention_to_sign_count" in counters:
            # What the association signs first is not yet for the partner to sign.
            domain = [
                *self._convention_domain(),
                ("state", "=", "in_signature"),
                ("partner_signed_on", "=", False),
                "|",
                ("company_signed_on", "!=", False),
                ("company_id.convention_we_sign_first", "=", False),
            ]
            values["convention_to_sign_count"] = self._count_conventions(domain)
        if "convention_count" in counters:
            values["convention_count"] = self._count_conventions(self._convention_domain())
        return values

    def _count_conventions(self, domain):
        Convention = request.env["fabloch.convention"]
        return Convention.search_count(domain) if Convention.has_access("read") else 0

    def _convention_domain(self):
        # Staff who look at their own portal pages see what the partner would see.
        partner = request.env.user.partner_id.commercial_partner_id
        return [("partner_id", "child_of", partner.ids), ("state", "in", OPEN_STATES)]

    @http.route(["/my/conventions", "/my/conventions/page/<int:page>"], type="http", auth="user", website=True)
    def portal_my_conventions(self, page=1, sortby=None, **_kwargs):
        """List the conventions of the user's organisation."""
        sortings = {
            "date": {"label": request.env._("Newest"), "order": "date_start desc, id desc"},
            "name": {"label": request.env._("Number"), "order": "name desc"},
            "state": {"label": request.env._("State"), "order": "state, date_start desc"},
        }
        sortby = sortby if sortby in sortings else "date"
        domain = self._convention_domain()
        values = self._prepare_portal_layout_values()
        pages = pager(
            url="/my/conventions",
            url_args={"sortby": sortby},
            total=self._count_conventions(domain),
            page=page,
            step=self._items_per_page,
        )
        Convention = request.env["fabloch.convention"]
        found = Convention
        if Convention.has_access("read"):
            order = sortings[sortby]["order"]
            found = Convention.search(domain, order=order, limit=self._items_per_page, offset=pages["offset"])
        request.session["my_conventions_history"] = found.ids[:100]
        values |= {
            "conventions": found.sudo(),
            "page_name": "convention",
            "default_url": "/my/conventions",
            "pager": pages,
            "searchbar_sortings": sortings,
            "sortby": sortby,
        }
        return request.render("fabloch_partnership.portal_my_conventions", values)

    @http.route(["/my/conventions/<int:convention_id>"], type="http", auth="public", website=True)
    def portal_convention(self, convention_id, access_token=None, report_type=None, download=False, message=None, **kw):
        """Show one convention, or (report_type=pdf) its document: the file that was signed, once it is."""
        convention = self._convention_of(convention_id, access_token)
        if not convention:
            return request.redirect("/my")
        if report_type:
            return self._convention_file(convention, download)
        values = self._get_page_view_values(
            convention,
            access_token,
            {
                "convention": convention,
                "page_name": "convention",
                "message": message,
                "may_sign": self._may_sign(convention, access_token),
                "accept_url": self._convention_url(convention, "/accept", access_token),
                "decline_url": self._convention_url(convention, "/decline", access_token),
                "pdf_url": self._convention_url(convention, "", access_token, "report_type=pdf"),
                "backend_url": f"/odoo/action-fabloch_partnership.convention_action/{convention.id}",
                "res_company": convention.company_id,
            },
            "my_conventions_history",
            False,
            **kw,
        )
        response = request.render("fabloch_partnership.portal_convention_page", values)
        response.headers.update(HEADERS)
        return response

    @http.route(["/my/conventions/<int:convention_id>/accept"], type="jsonrpc", auth="public", website=True)
    def portal_convention_accept(self, convention_id, access_token=None, name=None, signature=None):
        """Sign for the partner. Returns {"error": why not} or {"force_refresh": True, "redirect_url": address}."""
        access_token = access_token or request.httprequest.args.get("access_token")
        convention = self._convention_of(convention_id, access_token)
        if not convention:
            return {"error": request.env._("This convention doesn't exist, or this link is no longer valid.")}
        if not self._may_sign(convention, access_token):
            return {"error": self._why_not_sign(convention)}
        user = None if request.env.user._is_public() else request.env.user
        try:
            # What fails leaves nothing behind.
            with request.env.cr.savepoint():
                convention._sign_for_partner(name, signature, request.httprequest.remote_addr, user)
        except UserError as error:
            convention.invalidate_recordset()
            return {"error": str(error)}
        url = self._convention_url(convention, "", access_token, "message=signed")
        return {"force_refresh": True, "redirect_url": url}

    @http.route(
        ["/my/conventions/<int:convention_id>/decline"], type="http", auth="public", methods=["POST"], website=True
    )
    def portal_convention_decline(self, convention_id, access_token=None, decline_message=None, **_kwargs):
        """Don't sign: the convention goes back to the negotiation with the partner's message."""
        if request.httprequest.method != "POST":
            # Odoo lets OPTIONS through to every route, and asks it for no form's token.
            raise MethodNotAllowed(["POST"])
        convention = self._convention_of(convention_id, access_token)
        if not convention or not self._may_sign(convention, access_token):
            return request.redirect("/my")
        user = request.env.user
        who = convention._signature_mail_partner().name if user._is_public() else user.name
        try:
            with request.env.cr.savepoint():
                convention._decline((decline_message or "").strip()[:MAX_MESSAGE], who)
        except UserError:
            return request.redirect(self._convention_url(convention, "", access_token, "message=closed"))
        return request.render("fabloch_partnership.portal_convention_declined", {"page_name": "convention"})

    # -- Helpers ------------------------------------------------------------------------------------------------------

    def _convention_of(self, convention_id, access_token):
        """Return the convention (sudo) if the user may read it or the token opens it, else None."""
        # Neither the database nor the comparison of tokens takes whatever an address may hold.
        if not may_be_id(convention_id) or not self._may_be_token(access_token):
            return None
        try:
            convention = self._document_check_access("fabloch.convention", convention_id, access_token)
        except (AccessError, MissingError):
            return None
        # The link opens no more than the portal does; staff have their own screens.
        return convention if convention.state in OPEN_STATES else None

    @staticmethod
    def _may_be_token(access_token):
        return not access_token or (isinstance(access_token, str) and access_token.isascii())

    def _holds_link(self, convention, access_token):
        return bool(access_token and convention.access_token and consteq(convention.access_token, access_token))

    def _may_sign(self, convention, access_token):
        """Whether the visitor may sign: the signatory, logged in, or who came with the mailed link. Never staff."""
        if convention.state != "in_signature" or convention.partner_signed_on:
            return False
        if convention.company_id.convention_we_sign_first and not convention.company_signed_on:
            return False
        user = request.env.user
        if user._is_internal():
            return False
        is_signatory = not user._is_public() and user.partner_id == convention._signature_mail_partner()
        return is_signatory or self._holds_link(convention, access_token)

    def _why_not_sign(self, convention):
        if convention.state != "in_signature" or convention.partner_signed_on:
            return request.env._("This convention is not open for signature (any more).")
        if request.env.user._is_internal():
            return request.env._("You are logged in as staff: the partner's signatory signs here, not you.")
        return request.env._(
            "Only the signatory can sign: %s, with their own account or the link that was mailed to them.",
            convention._signature_mail_partner().name,
        )

    def _convention_url(self, convention, suffix, access_token, query=""):
        # The token goes on only if it was brought: a reader who is no signatory doesn't get it from us.
        token = f"access_token={access_token}" if self._holds_link(convention, access_token) else ""
        query = "&".join(filter(None, [token, query]))
        return f"/my/conventions/{convention.id}{suffix}{'?' if query else ''}{query}"

    def _convention_file(self, convention, download):
        content, name = convention._signed_content(), convention.signed_file_name
        kind = f"image/{'png' if name.endswith('png') else 'jpeg'}" if name and not name.endswith("pdf") else None
        if not content:
            report = request.env["ir.actions.report"].with_user(SUPERUSER_ID).with_company(convention.company_id)
            content, _type = report._render_qweb_pdf(REPORT, convention.ids)
            name = convention._document_file_name()
        disposition = content_disposition(name, disposition_type="attachment" if download else "inline")
        headers = {**HEADERS, "Content-Type": kind or "application/pdf", "Content-Disposition": disposition}
        return request.make_response(content, headers=list(headers.items()))

from odoo import http
from odoo.http import request

# What these pages tell is the holder's business: no cache, no index, no trace in the next site's logs.
HEADERS = [
    ("Cache-Control", "no-store"),
    ("X-Robots-Tag", "noindex, nofollow"),
    ("Referrer-Policy", "no-referrer"),
]


class MembershipController(http.Controller):
    @http.route("/membership/card/<string:token>", type="http", auth="public", methods=["GET"], sitemap=False)
    def card(self, token, **_kwargs):
        """Say whether the card with this token is valid, and until when: no name, no number."""
        found = request.env["fabloch.member.card"]._check_token(token)
        valid, until = found or (False, False)
        return self._page("card_page", {"valid": valid, "until": until}, 200 if found else 404)

    @http.route(
        "/membership/unsubscribe/<int:partner_id>/<string:token>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        sitemap=False,
    )
    def unsubscribe(self, partner_id, token, **_kwargs):
        """GET asks to confirm, since mail scanners follow links; POST stops the renewal mails."""
        partner = request.env["fabloch.membership"]._opt_out_partner(partner_id, token)
        if not partner:
            return self._page("unsubscribe_page", {"step": "unknown"}, 404)
        if request.httprequest.method == "POST":
            partner.membership_mail_opt_out = True
        step = "done" if partner.membership_mail_opt_out else "ask"
        return self._page("unsubscribe_page", {"step": step}, 200)

    def _page(self, template, values, status):
        lang = request.env["res.lang"]._get_code(request.best_lang) if request.best_lang else False
        request.update_context(lang=lang or request.env.company.sudo().partner_id.lang)
        response = request.render(f"fabloch_membership.{template}", values)
        response.status_code = status
        response.headers.extend(HEADERS)
        return response

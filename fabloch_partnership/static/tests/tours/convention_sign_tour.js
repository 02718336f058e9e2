import {registry} from "@web/core/registry";

// The partner's signatory, from the portal's home to the signed document. The document's own words are French in any
// language; what is around it is found by its place.
registry.category("web_tour.tours").add("fabloch_convention_sign", {
    url: "/my/home",
    steps: () => [
        {
            content: "The home says that there is a convention to sign",
            trigger: "#portal_alert_category a[href*='/my/conventions']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The list",
            trigger: "table a[href^='/my/conventions/']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The document can be read",
            trigger: ".o_convention h2:contains('Article 1 – Objet')",
        },
        {
            content: "Our signature stands on it",
            trigger: ".o_convention .o_signatures:contains('Signé par Nolwenn Kerbrat')",
        },
        {trigger: "a.o_convention_sign", run: "click"},
        {
            content: "The name is proposed and the signature typed from it",
            trigger: "#modal_convention_accept.show .o_web_sign_name_and_signature input[name=signer]:value('Claire Masson')",
        },
        {
            content: "Let the signature be drawn from the name",
            trigger: "#modal_convention_accept.show .o_web_sign_auto_button",
            run: "click",
        },
        {
            content: "It is drawn",
            trigger: "#modal_convention_accept.show canvas.o_web_sign_signature",
            run: "canvasNotEmpty",
        },
        {
            trigger: "#modal_convention_accept.show .o_portal_sign_submit:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Signed, with both signatures and the fingerprint",
            trigger: "#convention_content .alert-success",
        },
        {trigger: ".o_convention .o_signatures:contains('Signé par Claire Masson')"},
        {trigger: "#sidebar_content .font-monospace"},
    ],
});

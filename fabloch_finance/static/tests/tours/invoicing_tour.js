import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("fabloch_finance_invoicing", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the fablab",
            trigger: ".o_app[data-menu-xmlid='fabloch_finance.fabloch_menu_root']",
            run: "click",
        },
        {
            content: "Open the invoicing menu",
            trigger: "[data-menu-xmlid='fabloch_finance.fabloch_menu_invoicing']",
            run: "click",
        },
        {
            content: "Look at the charges to invoice",
            trigger: "[data-menu-xmlid='fabloch_finance.charge_menu']",
            run: "click",
        },
        {
            content: "They are grouped by payer",
            trigger: ".o_group_header:contains('Tour Payer')",
        },
        {
            content: "Open the invoicing menu again",
            trigger: "[data-menu-xmlid='fabloch_finance.fabloch_menu_invoicing']",
            run: "click",
        },
        {
            content: "Preview a run",
            trigger: "[data-menu-xmlid='fabloch_finance.invoicing_preview_menu']",
            run: "click",
        },
        {
            content: "The payer without address is told beforehand, with the reason",
            trigger: ".modal .o_data_row.text-danger:contains('Tour Homeless'):contains('address')",
        },
        {
            content: "Invoice now",
            trigger: ".modal button[name='action_invoice']",
            run: "click",
        },
        {
            content: "The run is done; its failure is listed",
            trigger: ".o_form_view .o_arrow_button_current:contains('Done')",
        },
        {
            content: "The failure says why",
            trigger: ".o_field_widget[name='failure_ids'] .o_data_row:contains('Tour Homeless')",
        },
        {
            content: "Open the invoices",
            trigger: "button[name='action_open_invoices']",
            run: "click",
        },
        {
            content: "The payer has an invoice",
            trigger: ".o_list_view .o_data_row:contains('Tour Payer')",
        },
    ],
});

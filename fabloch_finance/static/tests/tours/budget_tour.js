import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

function openMenu(xmlid) {
    return [
        {
            content: "Open the reporting menu",
            trigger: "[data-menu-xmlid='fabloch_finance.fabloch_menu_reporting']",
            run: "click",
        },
        {
            content: `Choose ${xmlid}`,
            trigger: `[data-menu-xmlid='fabloch_finance.${xmlid}']`,
            run: "click",
        },
    ];
}

registry.category("web_tour.tours").add("fabloch_finance_budget", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the fablab",
            trigger: ".o_app[data-menu-xmlid='fabloch_finance.fabloch_menu_root']",
            run: "click",
        },
        ...openMenu("budget_menu"),
        {
            content: "Make a budget",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Start from last year's figures",
            trigger: ".o_form_view .o_statusbar_buttons button:contains('last year')",
            run: "click",
        },
        {
            content: "Write the lines",
            trigger: ".modal button[name='action_fill']",
            run: "click",
        },
        {
            content: "The machines have what they brought",
            trigger: ".o_field_widget[name='line_ids'] .o_data_row:contains('Machine use'):contains('150')",
        },
        {
            content: "It is voted",
            trigger: "button[name='action_vote']",
            run: "click",
        },
        {
            content: "Yes",
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "It is locked",
            trigger: ".o_arrow_button_current:contains('Voted')",
        },
        ...openMenu("budget_report_menu"),
        {
            content: "The machines are over their budget",
            trigger: ".o_list_view .o_data_row:contains('Machine use'):contains('250')",
        },
        {
            content: "What is expected of them",
            trigger: ".o_data_row:contains('Machine use') button[name='action_open_forecast']",
            run: "click",
        },
        {
            content: "One charge, which opens",
            trigger: ".o_data_row:contains('Charge of 40') td[name='label']",
            run: "click",
        },
        {
            content: "It is the charge",
            trigger: ".o_form_view .o_field_widget[name='invoice_partner_id']",
        },
    ],
});

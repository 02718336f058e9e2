import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("fabloch_finance_unpaid", {
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
            content: "Look at what is unpaid",
            trigger: "[data-menu-xmlid='fabloch_finance.unpaid_report_menu']",
            run: "click",
        },
        {
            content: "It is grouped by age: open the invoices that are more than 90 days late",
            trigger: ".o_group_header:contains('More than 90 days')",
            run: "click",
        },
        {
            content: "Select the payer's invoice",
            trigger: ".o_data_row:contains('Tour Payer') .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Preview the reminder",
            trigger: ".o_control_panel button[name='action_preview_reminders']",
            run: "click",
        },
        {
            content: "Read the mail",
            trigger: ".modal .o_data_row:contains('Tour Payer') .o_data_cell[name='partner_id']",
            run: "click",
        },
        {
            content: "It is the first, friendly one",
            trigger: ".modal .o_field_widget[name='body']:contains('slipped your mind')",
        },
        {
            content: "Close the mail",
            trigger: ".modal:not(.o_inactive_modal) .modal-header .btn-close",
            run: "click",
        },
        {
            content: "Send",
            trigger: ".modal:not(.o_inactive_modal) button[name='action_send']",
            run: "click",
        },
        {
            content: "What became of it is told",
            trigger: ".modal .alert-success:contains('Mails sent: 1')",
        },
        {
            content: "Back to the list",
            trigger: ".modal button[name='action_close']",
            run: "click",
        },
        {
            content: "Open the group again if the list was closed",
            trigger: ".o_list_view .o_group_header:contains('More than 90 days')",
        },
        {
            content: "The invoice is at level 1, reminded today",
            trigger: ".o_data_row:contains('Tour Payer'):contains('Reminded today') .o_data_cell[name='level']:contains('1')",
        },
    ],
});

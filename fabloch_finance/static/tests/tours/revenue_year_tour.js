import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("fabloch_finance_revenue_year", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the fablab",
            trigger: ".o_app[data-menu-xmlid='fabloch_finance.fabloch_menu_root']",
            run: "click",
        },
        {
            content: "Open the reports",
            trigger: "[data-menu-xmlid='fabloch_finance.fabloch_menu_reporting']",
            run: "click",
        },
        {
            content: "Revenue by stream and year",
            trigger: "[data-menu-xmlid='fabloch_finance.revenue_year_report_menu']",
            run: "click",
        },
        {
            content: "The control line says that an account has no stream, and which",
            trigger: ".o_fabloch_revenue_control [data-state='without_stream']:contains('764000')",
        },
        {
            content: "The kinds are groups; the own revenue unfolds",
            trigger: ".o_group_header:contains('Own revenue')",
            run: "click",
        },
        {
            content: "Memberships of this year",
            trigger: ".o_data_row:contains('Memberships'):contains('60.00') td[name='stream_id']",
            run: "click",
        },
        {
            content: "Its items of both years, by account",
            trigger: ".o_pivot_view:contains('Membership fees with counterpart')",
        },
        {
            content: "Back",
            trigger: ".o_back_button, .breadcrumb-item a",
            run: "click",
        },
        {
            content: "Open the accounts at fault",
            trigger: ".o_fabloch_revenue_control [data-state='without_stream']",
            run: "click",
        },
        {
            content: "The account is named",
            trigger: ".o_data_row:contains('764000')",
        },
        {
            content: "Open it",
            trigger: ".o_data_row:contains('764000') button[name='action_open_account']",
            run: "click",
        },
        {
            content: "Its stream can be set there",
            trigger: ".o_form_view .o_field_widget[name='fabloch_revenue_stream_id']",
        },
    ],
});

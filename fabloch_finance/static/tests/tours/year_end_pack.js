import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("fabloch_finance_year_end_pack", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the fablab",
            trigger: ".o_app[data-menu-xmlid='fabloch_finance.fabloch_menu_root']",
            run: "click",
        },
        {
            content: "Open the reporting menu",
            trigger: "[data-menu-xmlid='fabloch_finance.fabloch_menu_reporting']",
            run: "click",
        },
        {
            content: "Ask for the year-end pack",
            trigger: "[data-menu-xmlid='fabloch_finance.year_end_pack_menu']",
            run: "click",
        },
        {
            content: "The exercise isn't locked: it is said",
            trigger: ".o_field_widget[name='check_ids'] .o_data_row:contains('Exercise locked'):contains('To look at')",
        },
        {
            content: "Look again",
            trigger: "button[name='action_check']",
            run: "click",
        },
        {
            content: "It still isn't",
            trigger: ".o_field_widget[name='check_ids'] .o_data_row:contains('Exercise locked'):contains('To look at')",
        },
        {
            content: "Make the pack",
            trigger: "button[name='action_make']",
            run: "click",
        },
        {
            content: "Look at the packs that were made",
            trigger: ".o_notebook a[name='files']",
            run: "click",
        },
        {
            content: "It is there, once fourteen documents are made",
            trigger: ".o_field_widget[name='file_ids'] .o_data_row:contains('Yann Tour'):contains('.zip')",
            timeout: 60000,
        },
    ],
});

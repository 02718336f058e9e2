import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const row = ".o_list_view .o_selected_row";

function choose(field, name) {
    return [
        {
            content: `Look for ${name}`,
            trigger: `${row} [name='${field}'] input`,
            run: `edit ${name}`,
        },
        {
            content: `Choose ${name}`,
            trigger: `.o-autocomplete--dropdown-item:contains('${name}')`,
            run: "click",
        },
    ];
}

function add() {
    return {
        content: "Add a line",
        trigger: ".o_list_button_add:not(:disabled)",
        run: "click",
    };
}

function save(name) {
    return [
        {
            content: "Save the line",
            trigger: ".o_list_button_save",
            run: "click",
        },
        {
            content: "It is saved",
            trigger: `.o_list_view .o_data_row:not(.o_selected_row):contains('${name}')`,
        },
    ];
}

registry.category("web_tour.tours").add("fabloch_finance_volunteer", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the fablab",
            trigger: ".o_app[data-menu-xmlid='fabloch_finance.fabloch_menu_root']",
            run: "click",
        },
        {
            content: "Open the volunteers' menu",
            trigger: "[data-menu-xmlid='fabloch_finance.fabloch_menu_volunteers']",
            run: "click",
        },
        {
            content: "Open everybody's hours",
            trigger: "[data-menu-xmlid='fabloch_finance.volunteer_hours_menu']",
            run: "click",
        },
        {
            content: "The list is there",
            trigger: ".o_breadcrumb:contains('Volunteer hours')",
        },
        add(),
        ...choose("partner_id", "Tour Volunteer"),
        ...choose("kind_id", "Workshops and events"),
        {
            content: "Two hours and a half",
            trigger: `${row} [name='hours'] input`,
            run: "edit 2.5",
        },
        ...save("Tour Volunteer"),
        add(),
        {
            content: "The kind is the one of the line before",
            trigger: `${row} [name='kind_id'] input:value('Workshops and events')`,
        },
        ...choose("partner_id", "Tour Helper"),
        {
            content: "One hour",
            trigger: `${row} [name='hours'] input`,
            run: "edit 1",
        },
        ...save("Tour Helper"),
    ],
});

import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("fabloch_machines_rate_scenario", {
    steps: () => [
        {
            content: "A new scenario",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=name] input",
            run: "edit Next year",
        },
        {
            content: "It begins with today's card",
            trigger: "button[name=action_fill]",
            run: "click",
        },
        {
            content: "Each rate at its price",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains('half hour') [name=new_price]:contains('12.00')",
        },
        {
            content: "All of them ten percent dearer",
            trigger: ".o_field_widget[name=rise_percent] input",
            run: "edit 10",
        },
        {
            trigger: "button[name=action_rise]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains('half hour') [name=new_price]:contains('13.00')",
        },
        {
            content: "What would it have brought in?",
            trigger: "button[name=action_replay]",
            run: "click",
        },
        {
            content: "An hour of 20 € and one and a half of 32 €",
            trigger: ".o_fabloch_result tr[name=total]:contains('52.00'):contains('57.00'):contains('+')",
        },
        {
            content: "Whom it changes most, with the way to them",
            trigger: ".o_fabloch_result a[href*='res.partner']:contains('Anna Le Goff')",
        },
        {
            content: "Back to the prices",
            trigger: "button[name=action_open_prices]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=line_ids] .o_data_row",
        },
    ],
});

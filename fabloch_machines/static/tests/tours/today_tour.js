import {registry} from "@web/core/registry";

const card = ".o_kanban_group:contains('Now') .o_kanban_record:contains('Rozenn Guillou')";

registry.category("web_tour.tours").add("fabloch_machines_today", {
    steps: () => [
        {
            content: "The three groups of the day",
            trigger: ".o_kanban_group:contains('Coming')",
        },
        {
            content: "A booking on hold asks to be confirmed",
            trigger: `${card}:contains('Not confirmed')`,
        },
        {trigger: `${card} button:contains('Confirm')`, run: "click"},
        {
            content: "The person has come",
            trigger: `${card} button:contains('Check in')`,
            run: "click",
        },
        {
            content: "It says so, and nothing is left to do",
            trigger: `${card}:not(:has(button:contains('Check in'))) .o_field_badge:contains('Here')`,
        },
    ],
});

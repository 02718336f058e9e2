import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("fabloch_partnership_cheque", {
    steps: () => [
        {trigger: ".o_list_button_add, .o_control_panel button:contains('New')", run: "click"},
        {trigger: ".o_field_widget[name=partner_id] input", run: "edit Tour Donor"},
        {trigger: ".o-autocomplete--dropdown-item a:contains('Tour Donor')", run: "click"},
        {trigger: ".o_field_widget[name=amount] input", run: "edit 150"},
        {trigger: ".o_statusbar_buttons button:contains('Receive')", run: "click"},
        {trigger: ".modal .o_field_widget[name=amount] input:value('150')"},
        {trigger: ".modal .o_field_widget[name=payment_mode] select, .modal .o_field_widget[name=payment_mode] input", run: "click"},
    ],
});

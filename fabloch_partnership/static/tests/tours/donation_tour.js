import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("fabloch_partnership_cheque", {
    steps: () => [
        {
            content: "A new gift",
            trigger: ".o_list_view .o_list_button_add",
            run: "click",
        },
        {trigger: ".o_form_view .o_field_widget[name=partner_id] input", run: "edit Tour Donor"},
        {trigger: ".o-autocomplete--dropdown-item a:contains('Tour Donor')", run: "click"},
        {trigger: ".o_field_widget[name=amount] input", run: "edit 150"},
        {
            content: "The cheque is on the desk",
            trigger: ".o_statusbar_buttons button:contains('Receive')",
            run: "click",
        },
        {trigger: ".modal .o_field_widget[name=amount] input:value('150.00')"},
        {trigger: ".modal .o_field_widget[name=payment_mode] input", run: "click"},
        {trigger: ".o_select_menu_item:contains('Cheque'), .o-dropdown-item:contains('Cheque')", run: "click"},
        {trigger: ".modal .o_field_widget[name=memo] input", run: "edit cheque 0001234"},
        {trigger: ".modal footer button:contains('Receive')", run: "click"},
        {
            content: "It is received",
            trigger: ".o_form_view .o_statusbar_status .o_arrow_button_current:contains('Received')",
        },
        {trigger: ".o_form_view .o_field_widget[name=name]:contains('DON/')"},
    ],
});

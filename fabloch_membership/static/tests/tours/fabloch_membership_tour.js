import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("fabloch_membership_enrol", {
    steps: () => [
        {
            content: "The list of members offers the enrolment",
            trigger: ".o_list_view .o_control_panel button:contains('Enrol a member')",
            run: "click",
        },
        {
            content: "A new contact",
            trigger: ".modal .o_field_widget[name=name] input",
            run: "edit Rozenn Guillou",
        },
        {trigger: ".modal .o_field_widget[name=street] input", run: "edit 3 rue du Test"},
        {trigger: ".modal .o_field_widget[name=zip] input", run: "edit 56400"},
        {trigger: ".modal .o_field_widget[name=city] input", run: "edit Auray"},
        {
            content: "Its category",
            trigger: ".modal .o_field_widget[name=category_id] input",
            run: "edit Tour category",
        },
        {
            trigger: ".o-autocomplete--dropdown-item a:contains('Tour category')",
            run: "click",
        },
        {
            content: "The plan is proposed",
            trigger: ".modal .o_field_widget[name=plan_id] input:value('Tour plan')",
        },
        {
            trigger: ".modal footer button:contains('Enrol and take the payment')",
            run: "click",
        },
        {
            content: "The membership is paid and active",
            trigger: ".o_form_view .o_statusbar_status .o_arrow_button_current:contains('Active')",
        },
        {trigger: ".o_form_view .o_field_widget[name=payment]:contains('Paid')"},
        {
            content: "Back to the members: the new one is there",
            trigger: ".o_breadcrumb .o_back_button, .o_breadcrumb a:contains('Members')",
            run: "click",
        },
        {trigger: ".o_list_view .o_data_row:contains('Rozenn Guillou') .o_field_badge:contains('Active')"},
        {
            content: "Those who never were members are found too",
            trigger: ".o_searchview_facet .o_facet_remove",
            run: "click",
        },
        {trigger: ".o_searchview_dropdown_toggler", run: "click"},
        {trigger: ".o_filter_menu .o_menu_item:contains('Never')", run: "click"},
        {trigger: ".o_list_view .o_data_row:contains('Tour Never') .o_field_badge:contains('Never a member')"},
    ],
});

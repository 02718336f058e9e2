import {registry} from "@web/core/registry";

/** Puts a small PDF in the file field of the window that is open. */
function chooseScan() {
    const input = document.querySelector(".modal .o_field_widget[name=scan] input[type=file]");
    const transfer = new DataTransfer();
    transfer.items.add(new File(["%PDF-1.4\n%%EOF\n"], "scan.pdf", {type: "application/pdf"}));
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", {bubbles: true}));
}

registry.category("web_tour.tours").add("fabloch_partnership_convention", {
    steps: () => [
        {
            content: "The pipeline shows each step",
            trigger: ".o_kanban_view .o_kanban_group:contains('To negotiate') .o_kanban_record:contains('Tour Town')",
        },
        {trigger: ".o_kanban_view .o_kanban_group:contains('In signature')"},
        {trigger: ".o_control_panel .o-kanban-button-new", run: "click"},
        {
            content: "What it is about, with whom",
            trigger: ".o_form_view .o_field_widget[name=title] input",
            run: "edit Tour convention",
        },
        {trigger: ".o_field_widget[name=partner_id] input", run: "edit Tour Town"},
        {trigger: ".o-autocomplete--dropdown-item a:contains('Tour Town')", run: "click"},
        {trigger: ".o_field_widget[name=type_id] input", run: "edit Tour type"},
        {trigger: ".o-autocomplete--dropdown-item a:contains('Tour type')", run: "click"},
        {
            content: "What we commit ourselves to",
            trigger: ".o_field_widget[name=commitment_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=commitment_ids] .o_selected_row [name=name] textarea",
            run: "edit Lend the room",
        },
        {
            content: "The partner's signatory is still missing, and the page says so",
            trigger: ".o_form_view button[name=action_send_for_signature]",
            run: "click",
        },
        {trigger: ".modal:contains('who signs for the partner')"},
        {trigger: ".modal footer button", run: "click"},
        {trigger: "body:not(:has(.modal)) .o_field_widget[name=signatory_id] input", run: "edit Tour Mayor"},
        {trigger: ".o-autocomplete--dropdown-item a:contains('Tour Mayor')", run: "click"},
        {
            content: "The quality comes with the person",
            trigger: ".o_field_widget[name=signatory_function] input:value('Maire')",
        },
        {trigger: "button[name=action_send_for_signature]", run: "click"},
        {
            content: "What is being signed can't be edited",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('In signature')",
        },
        {trigger: ".o_field_widget[name=title].o_readonly_modifier"},
        {trigger: ".o_statusbar_buttons button:contains('Signed on paper')", run: "click"},
        {trigger: ".modal .o_field_widget[name=scan]", run: chooseScan},
        {trigger: ".modal .o_field_widget[name=scan] input:value('scan.pdf')"},
        {trigger: ".modal button[name=action_sign]:contains('Signed on paper')", run: "click"},
        {trigger: ".o_statusbar_status .o_arrow_button_current:contains('Signed')"},
        {
            content: "A commitment is done: that stays free",
            trigger: ".o_field_widget[name=commitment_ids] .o_data_row .o_boolean_toggle input",
            run: "click",
        },
        {trigger: ".o_form_button_save", run: "click"},
        {trigger: ".o_form_saved"},
        {content: "It ends", trigger: "button[name=action_open_termination]", run: "click"},
        {trigger: ".modal .o_field_widget[name=reason] input", run: "edit They moved away"},
        {trigger: ".modal button[name=action_terminate]", run: "click"},
        {
            content: "Its last day is today",
            trigger: "body:not(:has(.modal)) .o_form_view .alert:contains('by will: They moved away')",
        },
    ],
});

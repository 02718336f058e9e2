import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {serializeDateTime} from "@web/core/l10n/dates";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";

/** The other way out of a refusal: wait for the period, as it stands in the form. */
export class JoinWaitlist extends Component {
    static template = "fabloch_machines.JoinWaitlist";
    static props = {...standardWidgetProps};

    setup() {
        this.action = useService("action");
    }

    onClick() {
        const {partner_id: partner, machine_id: machine, start, stop, units} = this.props.record.data;
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "fabloch.booking.wait",
            views: [[false, "form"]],
            target: "new",
            context: {
                default_partner_id: partner.id,
                default_machine_id: machine.id,
                default_start: serializeDateTime(start),
                default_stop: serializeDateTime(stop),
                default_units: units,
            },
        });
    }
}

registry.category("view_widgets").add("fabloch_join_waitlist", {component: JoinWaitlist});

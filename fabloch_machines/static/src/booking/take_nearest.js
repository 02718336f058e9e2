import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

/** The one-click way out of a refusal: put the booking on the nearest period that is free. */
export class TakeNearest extends Component {
    static template = "fabloch_machines.TakeNearest";
    static props = {...standardWidgetProps};

    onClick() {
        const {nearest_start: start, nearest_stop: stop} = this.props.record.data;
        return this.props.record.update({start, stop});
    }
}

registry.category("view_widgets").add("fabloch_take_nearest", {
    component: TakeNearest,
    fieldDependencies: [
        {name: "nearest_start", type: "datetime"},
        {name: "nearest_stop", type: "datetime"},
    ],
});

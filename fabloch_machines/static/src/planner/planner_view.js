import {PlannerController} from "./planner_controller";
import {PlannerModel} from "./planner_model";
import {PlannerRenderer} from "./planner_renderer";
import {TimelineView} from "@web_timeline/views/timeline/timeline_view.esm";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

const {DateTime} = luxon;

/** The week of `moment`: the first days that the planner shows. */
function weekOf(moment) {
    const start = moment.startOf("week");
    return {start, stop: start.plus({weeks: 1})};
}

export const PlannerView = {
    ...TimelineView,
    display_name: _t("Planner"),
    Controller: PlannerController,
    Model: PlannerModel,
    Renderer: PlannerRenderer,
    // The rows are always the machines.
    searchMenuTypes: ["filter", "favorite"],
    props(genericProps, view) {
        const props = TimelineView.props(genericProps, view);
        props.modelParams.window = genericProps.state?.window || weekOf(DateTime.now());
        return props;
    },
};

registry.category("views").add("fabloch_planner", PlannerView);

import {FormViewDialog} from "@web/views/view_dialogs/form_view_dialog";
import {RPCError} from "@web/core/network/rpc";
import {TimelineController} from "@web_timeline/views/timeline/timeline_controller.esm";
import {_t} from "@web/core/l10n/translation";
import {makeContext} from "@web/core/context";
import {periodText} from "./planner_model";
import {serializeDateTime} from "@web/core/l10n/dates";
import {useBus, useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";

const {DateTime} = luxon;

/** What the planner does: book at a click, open, move under the server's rules. */
export class PlannerController extends TimelineController {
    setup() {
        super.setup();
        this.notification = useService("notification");
        this.orm = useService("orm");
        useBus(this.model.bus, "update", () => this.render(true));
        useSetupAction({getLocalState: () => ({window: this.model.window})});
    }

    get rendererProps() {
        return {
            ...super.rendererProps,
            onItemClick: (id) => this.openBooking({resId: id}),
            onRangeChanged: (start, stop) => this.model.show(start, stop),
        };
    }

    /** Open a booking, or a new one, in a dialog: one at a time, and what it changed is shown when it closes. */
    openBooking(props) {
        if (this.dialogIsOpen) {
            return;
        }
        this.dialogIsOpen = true;
        this.dialogService.add(
            FormViewDialog,
            {resModel: this.model.model_name, size: "lg", title: _t("Booking"), ...props},
            {
                onClose: () => {
                    this.dialogIsOpen = false;
                    this.model.load();
                },
            }
        );
    }

    /** @override */
    _onAdd({group, start}) {
        const defaults = {
            default_machine_id: group,
            default_start: serializeDateTime(DateTime.fromJSDate(start)),
        };
        this.openBooking({
            title: _t("New booking"),
            context: makeContext([this.env.searchModel.context, defaults]),
        });
    }

    /**
     * The server says whether a booking may move; when it may not, the bar goes back and the rule is told.
     *
     * @override
     */
    async _onMove(item, callback) {
        const before = item.evt;
        const start = DateTime.fromJSDate(item.start);
        const stop = DateTime.fromJSDate(item.end);
        const after = {start: serializeDateTime(start), stop: serializeDateTime(stop), machine_id: item.group};
        const changed = Object.fromEntries(
            Object.entries(after).filter(
                ([name, value]) => value !== (name === "machine_id" ? before.machine_id[0] : before[name])
            )
        );
        if (!Object.keys(changed).length) {
            callback(null);
            return;
        }
        try {
            await this.orm.write(this.model.model_name, [item.id], changed);
        } catch (error) {
            callback(null);
            if (!(error instanceof RPCError) || !error.data) {
                throw error;
            }
            this.notification.add(error.data.message, {
                title: _t("The booking stays where it was"),
                type: "danger",
                sticky: true,
            });
            return;
        }
        callback(item);
        const machine = this.model.planner.machines.find((each) => each.id === item.group);
        this.notification.add(`${machine.name} · ${periodText(start, stop)}`, {
            title: before.partner_id[1],
            type: "success",
        });
        await this.model.load();
    }
}

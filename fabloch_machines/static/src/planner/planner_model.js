import {Domain} from "@web/core/domain";
import {KeepLast} from "@web/core/utils/concurrency";
import {TimelineModel} from "@web_timeline/views/timeline/timeline_model.esm";
import {_t} from "@web/core/l10n/translation";
import {deserializeDateTime, serializeDateTime} from "@web/core/l10n/dates";
import {escape} from "@web/core/utils/strings";
import {onWillStart} from "@odoo/owl";
import {user} from "@web/core/user";

const {DateTime} = luxon;

/** Bookings and the planner's background, of the visible days only. */
export class PlannerModel extends TimelineModel {
    /**
     * The timeline's own set-up asks three deprecated questions about access; the user service knows the answers.
     *
     * @override
     */
    setup(params) {
        this.params = params;
        this.model_name = params.resModel;
        this.fields = params.fields;
        this.date_start = params.date_start;
        this.date_stop = params.date_stop;
        this.colors = [];
        this.last_group_bys = [params.default_group_by];
        this.keepLast = new KeepLast();
        this.data = [];
        this.planner = {places: [], machines: [], hours: [], blocks: []};
        this.slots = new Map();
        this.window = params.window;
        onWillStart(async () => {
            [this.write_right, this.create_right] = await Promise.all(
                ["write", "create"].map((operation) => user.checkAccessRight(this.model_name, operation))
            );
            this.unlink_right = false;
        });
    }

    /** @override */
    async load(searchParams = this.searchParams) {
        this.searchParams = searchParams;
        const [start, stop] = [this.window.start, this.window.stop].map(serializeDateTime);
        const shown = Domain.and([
            searchParams.domain,
            [
                ["start", "<", stop],
                ["stop", ">", start],
                ["state", "!=", "cancelled"],
                "|",
                ["state", "!=", "hold"],
                ["hold_until", ">", serializeDateTime(DateTime.now())],
            ],
        ]).toList();
        const options = {context: searchParams.context};
        const [data, planner] = await this.keepLast.add(
            Promise.all([
                this.orm.searchRead(this.model_name, shown, this.params.fieldNames, {...options, order: "start, id"}),
                this.orm.call("fabloch.machine", "get_planner_data", [start, stop, searchParams.domain], options),
            ])
        );
        this.data = data;
        this.planner = planner;
        this.slots = new Map(planner.machines.map((machine) => [machine.id, machine.slot]));
        this.notify();
    }

    /** Make sure that the days from `start` to `stop` (luxon) are loaded; those that aren't shown any more go. */
    async show(start, stop) {
        const wanted = {start: start.startOf("day"), stop: stop.minus(1).endOf("day").plus(1)};
        const loaded = this.window;
        const within = wanted.start >= loaded.start && wanted.stop <= loaded.stop;
        if (within && loaded.stop - loaded.start <= 8 * (wanted.stop - wanted.start)) {
            return;
        }
        this.window = wanted;
        await this.load();
    }

    /** The slot that holds `date`, of a machine (or the finest of all): a Date. */
    snap(date, machineId) {
        const moment = DateTime.fromJSDate(date);
        const slot = this.slots.get(machineId) || Math.min(30, ...this.slots.values());
        const minutes = moment.hour * 60 + moment.minute + moment.second / 60;
        return moment
            .startOf("day")
            .set({hour: 0, minute: Math.floor(minutes / slot + 1e-6) * slot})
            .toJSDate();
    }

    /** What a booking looks like: its state, and where now stands in it. */
    status(booking) {
        if (booking.state !== "confirmed") {
            return booking.state;
        }
        const now = serializeDateTime(DateTime.now());
        if (booking.stop <= now) {
            return "done";
        }
        return booking.start <= now ? "running" : "confirmed";
    }

    statusLabel(status) {
        return {
            hold: _t("On hold"),
            confirmed: _t("Confirmed"),
            running: _t("In progress"),
            done: _t("Done"),
            no_show: _t("No-show"),
        }[status];
    }

    /** @override */
    _event_data_transform(booking) {
        const start = deserializeDateTime(booking.start);
        const stop = deserializeDateTime(booking.stop);
        const status = this.status(booking);
        const person = booking.partner_id[1];
        const units = booking.units > 1 ? ` × ${booking.units}` : "";
        const arrived = booking.arrived_at ? "✓ " : "";
        const lines = [
            `${person}${units}`,
            booking.machine_id[1],
            periodText(start, stop),
            `${this.statusLabel(status)} · ${booking.name}`,
        ];
        const movable = status !== "done" && status !== "no_show" && this.canEdit;
        return {
            id: booking.id,
            group: booking.machine_id[0],
            start: start.toJSDate(),
            end: stop.toJSDate(),
            content: escape(`${arrived}${person}${units}`),
            title: lines.map(escape).join("<br>"),
            className: `o_fabloch_booking o_fabloch_${status}`,
            editable: movable ? {updateTime: true, updateGroup: true, remove: false} : false,
            evt: booking,
        };
    }
}

/** A period as people say it: Tue 10 March, 14:00 – 16:00. */
export function periodText(start, stop) {
    const day = {weekday: "short", day: "numeric", month: "long"};
    const text = `${start.toLocaleString(day)}, ${start.toLocaleString(DateTime.TIME_SIMPLE)} – `;
    const sameDay = start.hasSame(stop, "day") || +stop === +start.plus({days: 1}).startOf("day");
    return text + (sameDay ? "" : `${stop.toLocaleString(day)}, `) + stop.toLocaleString(DateTime.TIME_SIMPLE);
}

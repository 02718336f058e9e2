import {blockItems, closedItems, nights, openHours, rowsOf} from "./planner_items";
import {TimelineRenderer} from "@web_timeline/views/timeline/timeline_renderer.esm";
import {_t} from "@web/core/l10n/translation";
import {escape} from "@web/core/utils/strings";
import {onWillUnmount, useState} from "@odoo/owl";
import {periodText} from "./planner_model";
import {useDebounced} from "@web/core/utils/timing";

const {DateTime, Interval} = luxon;

// Hammer's name for it isn't exported: left, right, up and down.
const EVERY_DIRECTION = 30;

/** Machines in rows by place, bookings as bars, what is closed behind them. */
export class PlannerRenderer extends TimelineRenderer {
    static template = "fabloch_machines.PlannerRenderer";
    static props = {...TimelineRenderer.props, onRangeChanged: Function, onItemClick: Function};

    setup() {
        super.setup();
        this.mode = useState({data: this.model.params.mode, title: "", moving: "", wholeDays: false});
        this.rangeChanged = useDebounced(() => this.onRangeChanged(), 150);
        this.rowsKey = "";
        this.draggedAt = 0;
        onWillUnmount(() => this.timeline && this.timeline.destroy());
    }

    get legend() {
        const statuses = ["hold", "confirmed", "running", "done", "no_show"];
        return [
            ...statuses.map((status) => ({status, label: this.model.statusLabel(status)})),
            {status: "block_maintenance", label: _t("Maintenance, closure")},
        ];
    }

    get modes() {
        return [
            {unit: "day", label: _t("Day")},
            {unit: "week", label: _t("Week")},
            {unit: "month", label: _t("Month")},
        ];
    }

    /** @override */
    init_timeline() {
        const {start, stop} = this.model.window;
        this.timeline = new vis.Timeline(this.canvasRef.el, [], [], {
            ...this.options,
            height: "100%",
            orientation: {axis: "top", item: "top"},
            editable: {add: false, remove: false, updateTime: this.model.canEdit, updateGroup: this.model.canEdit},
            itemsAlwaysDraggable: {item: true, range: true},
            selectable: false,
            multiselect: false,
            stack: true,
            margin: {item: {horizontal: 0, vertical: 3}, axis: 4},
            verticalScroll: true,
            zoomKey: "ctrlKey",
            zoomMin: 4 * 3600 * 1000,
            zoomMax: 45 * 24 * 3600 * 1000,
            showCurrentTime: true,
            snap: (date) => this.model.snap(date),
            format: {minorLabels: this.minorLabel.bind(this), majorLabels: this.majorLabel.bind(this)},
            tooltip: {followMouse: true, overflowMethod: "cap", delay: 250},
            onMoving: this.onMoving.bind(this),
            onMove: this.on_move.bind(this),
            xss: {filterOptions: {whiteList: {...this.getXSSWhiteList(), br: []}}},
        });
        // The window is known: no fitting to what comes first.
        this.timeline.initialFitDone = true;
        this.timeline.setWindow(start.toJSDate(), stop.toJSDate(), {animation: false});
        // A bar goes straight up or down to another machine, too: vis asks for this by a name that doesn't exist.
        this.timeline.itemSet.hammer.get("pan").set({direction: EVERY_DIRECTION});
        this.timeline.on("click", this.on_timeline_click.bind(this));
        this.timeline.on("rangechanged", this.rangeChanged);
        this.on_data_loaded();
    }

    /**
     * The style sheet gives the height.
     *
     * @override
     */
    on_attach_callback() {
        this.rootRef.el.classList.add(...(this.params.class || "").split(" ").filter(Boolean));
    }

    /** @override */
    on_data_loaded() {
        if (!this.timeline) {
            return;
        }
        const {planner, data, window} = this.model;
        const rows = rowsOf(planner);
        const rowsKey = JSON.stringify(rows);
        if (rowsKey !== this.rowsKey) {
            this.rowsKey = rowsKey;
            this.timeline.setGroups(rows);
        }
        // Vis measures each bar as it comes, which costs a layout of the whole page each time: nothing is laid out while
        // they come, and all are measured together afterwards.
        const {foreground, background} = this.timeline.itemSet.dom;
        foreground.style.display = background.style.display = "none";
        this.timeline.setItems([
            ...closedItems(planner),
            ...blockItems(planner),
            ...data.map((booking) => this.model._event_data_transform(booking)),
        ]);
        foreground.style.display = background.style.display = "";
        this.measureTogether();
        this.hideNights(window);
        this.updateTitle();
    }

    /** Measure all rows and bars at once: first everything is written, then everything is read, step by step. */
    measureTogether() {
        const {groups, items} = this.timeline.itemSet;
        for (const group of Object.values(groups)) {
            group.lastMarkerHeight = group.dom.marker.clientHeight;
        }
        const steps = Object.values(items)
            .filter((item) => item.displayed)
            .map((item) => {
                item.dirty = true;
                return item.redraw(true);
            });
        const length = Math.max(0, ...steps.map((each) => each.length));
        for (let step = 0; step < length; step++) {
            steps.forEach((each) => each[step]?.());
        }
        Object.values(groups).forEach((group) => (group.stackDirty = true));
        this.timeline.body.emitter.emit("_change");
    }

    /** Leave out the hours of the night in which nothing is open: bars get wider. */
    hideNights(window) {
        const hours = this.mode.wholeDays ? null : openHours(this.model.planner, window);
        const hidden = nights(hours, window);
        const key = JSON.stringify(hidden);
        if (key !== this.nightsKey) {
            this.nightsKey = key;
            this.timeline.setOptions({hiddenDates: hidden});
        }
    }

    onRangeChanged() {
        const {start, end} = this.timeline.getWindow();
        this.updateTitle();
        this.props.onRangeChanged(DateTime.fromJSDate(start), DateTime.fromJSDate(end));
    }

    updateTitle() {
        const {start, end} = this.timeline.getWindow();
        const days = Interval.fromDateTimes(
            DateTime.fromJSDate(start).startOf("day"),
            DateTime.fromJSDate(end).minus({minutes: 1})
        );
        this.mode.title = days.toLocaleString({day: "numeric", month: "short", year: "numeric"});
    }

    // Navigation

    /** Show the day, week or month in which `moment` lies. */
    showUnit(unit, moment) {
        this.mode.data = unit;
        const start = moment.startOf(unit);
        this.timeline.setWindow(start.toJSDate(), start.plus({[unit]: 1}).toJSDate(), {animation: false});
    }

    get middle() {
        const {start, end} = this.timeline.getWindow();
        return DateTime.fromMillis((+start + +end) / 2);
    }

    onMode(unit) {
        const now = DateTime.now();
        const {start, end} = this.timeline.getWindow();
        this.showUnit(unit, start <= now && now <= end ? now : this.middle);
    }

    onToday() {
        this.showUnit(this.mode.data, DateTime.now());
    }

    onStep(direction) {
        const unit = this.mode.data;
        this.showUnit(unit, this.middle.startOf(unit).plus({[unit]: direction}));
    }

    onWholeDays() {
        this.mode.wholeDays = !this.mode.wholeDays;
        this.hideNights(this.model.window);
        this.showUnit(this.mode.data, this.middle);
    }

    // Labels of the axis, in the user's language

    minorLabel(date, scale) {
        const moment = DateTime.fromMillis(date.valueOf());
        if (["millisecond", "second", "minute", "hour"].includes(scale)) {
            return moment.minute ? moment.toLocaleString(DateTime.TIME_SIMPLE) : moment.toLocaleString({hour: "numeric"});
        }
        if (["weekday", "day"].includes(scale)) {
            const short = this.mode.data === "month" ? {day: "numeric"} : {weekday: "short", day: "numeric"};
            return moment.toLocaleString(short);
        }
        return moment.toLocaleString(scale === "week" ? {day: "numeric", month: "short"} : {month: "short"});
    }

    majorLabel(date, scale) {
        const moment = DateTime.fromMillis(date.valueOf());
        if (["millisecond", "second", "minute", "hour"].includes(scale)) {
            return moment.toLocaleString({weekday: "long", day: "numeric", month: "long"});
        }
        return moment.toLocaleString(scale === "month" ? {year: "numeric"} : {month: "long", year: "numeric"});
    }

    // Clicks and moves

    /** @override */
    on_timeline_click(event) {
        // The end of a drag is a click for the browser.
        if (Date.now() - this.draggedAt < 400) {
            return;
        }
        if (event.what === "item") {
            this.props.onItemClick(event.item);
        } else if (event.what === "group-label") {
            if (typeof event.group === "number") {
                this.props.onGroupClick(event);
            }
        } else if (event.what === "background" && typeof event.group === "number" && this.model.canCreate) {
            this.props.onAdd({group: event.group, start: this.model.snap(event.time, event.group)});
        }
    }

    /** While a bar is dragged: it keeps to the slots of the machine under it, and says its new times. */
    onMoving(item, callback) {
        this.draggedAt = Date.now();
        const machineId = typeof item.group === "number" ? item.group : item.evt.machine_id[0];
        const {start, end} = this.model._event_data_transform(item.evt);
        const moved = item.end - item.start === end - start;
        item.group = machineId;
        if (+item.start !== +start) {
            item.start = this.model.snap(item.start, machineId);
        }
        if (moved) {
            item.end = new Date(+item.start + (end - start));
        } else if (+item.end !== +end) {
            item.end = this.model.snap(item.end, machineId);
        }
        if (item.end <= item.start) {
            return callback(null);
        }
        this.mode.moving = periodText(DateTime.fromJSDate(item.start), DateTime.fromJSDate(item.end));
        item.content = escape(this.mode.moving);
        return callback(item);
    }

    /** @override */
    on_move(item, callback) {
        this.draggedAt = Date.now();
        this.mode.moving = "";
        return super.on_move(item, callback);
    }
}

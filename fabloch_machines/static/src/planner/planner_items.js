import {_t} from "@web/core/l10n/translation";
import {deserializeDateTime} from "@web/core/l10n/dates";
import {escape} from "@web/core/utils/strings";

/** The planner's rows for vis-timeline: places, and in each its machines. */
export function rowsOf({places, machines}) {
    const rows = [];
    for (const place of places) {
        const inside = machines.filter((machine) => machine.place === place.id);
        rows.push({
            id: place.id,
            content: escape(place.name),
            className: "o_fabloch_place",
            order: rows.length,
            nestedGroups: inside.map((machine) => machine.id),
            showNested: true,
        });
        for (const machine of inside) {
            const names = [machine.name];
            if (machine.capacity > 1) {
                names.push(`× ${machine.capacity}`);
            }
            rows.push({
                id: machine.id,
                content:
                    escape(machine.workshop ? _t("The whole workshop") : names.join(" ")) +
                    (machine.in_service ? "" : ` <small>${escape(_t("out of service"))}</small>`),
                title: escape(machine.name),
                className: `o_fabloch_row ${machine.in_service ? "" : "o_fabloch_out_of_service"}`,
                order: rows.length,
                // Told here as well, so that a row stays in its place however vis reads them.
                nestedInGroup: place.id,
                treeLevel: 1,
            });
        }
    }
    return rows;
}

/** Closed hours: once for all rows where they are closed together, then each row's own. */
export function closedItems({machines, hours}) {
    const lists = hours.map((periods) => periods.map((period) => period.map((moment) => +deserializeDateTime(moment))));
    if (!lists.length) {
        return [];
    }
    const common = lists.reduce(intersect);
    const items = common.map(([start, end], index) => closedItem(`closed-${index}`, start, end));
    const own = lists.map((periods) => subtract(periods, common));
    for (const machine of machines) {
        for (const [index, [start, end]] of own[machine.hours].entries()) {
            items.push({...closedItem(`closed-${machine.id}-${index}`, start, end), group: machine.id});
        }
    }
    return items;
}

function closedItem(id, start, end) {
    return {id, start, end, type: "background", content: "", className: "o_fabloch_closed"};
}

/** Maintenance, closures, set-up time, and workshops booked as a whole: hatched. */
export function blockItems({blocks}) {
    const kinds = {
        maintenance: _t("Maintenance"),
        closure: _t("Closure"),
        training: _t("Training"),
        booking: _t("Workshop booked"),
    };
    return blocks.map((block, index) => {
        const text = [kinds[block.kind], block.name].filter(Boolean).join(" · ");
        return {
            id: `block-${index}`,
            group: block.machine_id,
            start: +deserializeDateTime(block.start),
            end: +deserializeDateTime(block.stop),
            type: "background",
            content: block.kind === "buffer" ? "" : `<span>${escape(text)}</span>`,
            title: escape(text),
            className: `o_fabloch_block o_fabloch_block_${block.kind}`,
        };
    });
}

/** The hours of the day (from, to) outside which no machine opens in these days, with an hour's margin; null: none. */
export function openHours({hours}, {start, stop}) {
    const lists = hours.map((periods) => periods.map((period) => period.map((moment) => +deserializeDateTime(moment))));
    if (!lists.length) {
        return null;
    }
    const open = subtract([[+start, +stop]], lists.reduce(intersect));
    let [from, to] = [24, 0];
    for (const [begin, end] of open.map((period) => period.map((moment) => luxon.DateTime.fromMillis(moment)))) {
        if (!begin.hasSame(end.minus(1), "day")) {
            return null;
        }
        from = Math.min(from, begin.hour);
        to = Math.max(to, end.minus(1).hour + 1);
    }
    [from, to] = [Math.max(0, from - 1), Math.min(24, to + 1)];
    return from < to && to - from < 24 ? {from, to} : null;
}

/** Nights that the planner leaves out, around the days that are shown. */
export function nights(hours, {start, stop}) {
    const hidden = [];
    if (!hours) {
        return hidden;
    }
    const around = Math.min(Math.ceil(stop.diff(start, "days").days), 31);
    const last = stop.plus({days: around});
    for (let day = start.minus({days: around}).startOf("day"); day < last; day = day.plus({days: 1})) {
        const morning = day.plus({days: 1}).set({hour: hours.from});
        hidden.push({start: day.set({hour: hours.to % 24}).plus({days: hours.to === 24 ? 1 : 0}).toJSDate(), end: morning.toJSDate()});
    }
    return hidden.filter((night) => night.start < night.end);
}

export function intersect(periods, others) {
    const common = [];
    let [one, other] = [0, 0];
    while (one < periods.length && other < others.length) {
        const start = Math.max(periods[one][0], others[other][0]);
        const stop = Math.min(periods[one][1], others[other][1]);
        if (start < stop) {
            common.push([start, stop]);
        }
        if (periods[one][1] === stop) {
            one += 1;
        } else {
            other += 1;
        }
    }
    return common;
}

export function subtract(periods, holes) {
    const left = [];
    for (let [start, stop] of periods) {
        for (const [from, to] of holes) {
            if (from < stop && to > start) {
                if (start < from) {
                    left.push([start, from]);
                }
                start = to;
            }
        }
        if (start < stop) {
            left.push([start, stop]);
        }
    }
    return left;
}

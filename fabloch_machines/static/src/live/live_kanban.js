import {kanbanView} from "@web/views/kanban/kanban_view";
import {KanbanController} from "@web/views/kanban/kanban_controller";
import {registry} from "@web/core/registry";
import {useEffect} from "@odoo/owl";

// A screen that stays open the whole day: what it says of "now" is read again every minute.
const EVERY = 60000;

export class LiveKanbanController extends KanbanController {
    setup() {
        super.setup();
        useEffect(
            () => {
                const timer = setInterval(() => this.refresh(), EVERY);
                return () => clearInterval(timer);
            },
            () => []
        );
    }

    /** Reads the records again, unless nobody looks, or somebody is at work on them. */
    async refresh() {
        const busy =
            document.hidden ||
            document.querySelector(".o_dialog, .o-dropdown--menu") ||
            this.model.root.selection?.length;
        if (!busy) {
            await this.model.root.load();
        }
    }
}

registry.category("views").add("fabloch_live_kanban", {
    ...kanbanView,
    Controller: LiveKanbanController,
});

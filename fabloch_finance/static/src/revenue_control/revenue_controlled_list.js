import { Component, onWillStart } from "@odoo/owl";

import { formatCurrency } from "@web/core/currency";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";

/** The control line above a list of revenue: the ledger's income beside the sum of the streams. */
export class RevenueControlLine extends Component {
    static template = "fabloch_finance.RevenueControlLine";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        onWillStart(async () => {
            this.lines = await this.orm.searchRead(
                "fabloch.revenue.control",
                [["fiscal_year_age", "in", [0, 1]]],
                ["fiscal_year", "class_7", "streams", "difference", "state", "without_stream_accounts",
                 "elsewhere_accounts", "currency_id", "company_id"]
            );
            this.severalCompanies = new Set(this.lines.map((line) => line.company_id[0])).size > 1;
        });
    }

    level(line) {
        return { equal: "success", without_stream: "warning", differs: "danger" }[line.state];
    }

    money(line, name) {
        return formatCurrency(line[name], line.currency_id[0]);
    }

    open(line) {
        this.action.doActionButton({
            type: "object",
            name: "action_open_accounts",
            resModel: "fabloch.revenue.control",
            resId: line.id,
        });
    }
}

export class RevenueControlledListRenderer extends ListRenderer {
    static template = "fabloch_finance.RevenueControlledListRenderer";
    static components = { ...ListRenderer.components, RevenueControlLine };
}

registry.category("views").add("fabloch_revenue_controlled_list", {
    ...listView,
    Renderer: RevenueControlledListRenderer,
});

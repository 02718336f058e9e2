import { registry } from "@web/core/registry";
import { GaugeField, gaugeField } from "@web/views/fields/gauge/gauge_field";
import { formatPercentage } from "@web/views/fields/formatters";

const COLOURS = { ok: "#28a745", warning: "#ffac00", over: "#dc3545" };

/**
 * The share of a limit, on a half circle in the colour of its level. Odoo's own gauge writes the bare number of the
 * amount ("15364.25"), always in blue.
 */
export class ThresholdGauge extends GaugeField {
    static template = "fabloch_finance.ThresholdGauge";

    get percentage() {
        return this.props.record.data.limit_amount > 0
            ? formatPercentage(this.props.record.data.share, { digits: [16, 1] })
            : "–";
    }

    renderChart() {
        super.renderChart();
        this.chart.data.datasets[0].backgroundColor[0] = COLOURS[this.props.record.data.level];
        this.chart.options.plugins.tooltip.enabled = false;
        this.chart.update("none");
    }
}

registry.category("fields").add("fabloch_threshold_gauge", { ...gaugeField, component: ThresholdGauge });

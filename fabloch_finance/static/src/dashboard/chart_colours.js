import { OdooChart } from "@spreadsheet/chart/odoo_chart/odoo_chart";
import { patch } from "@web/core/utils/patch";

// A chart whose definition has `colours` ({label: colour}) gives each series the colour of its label: Odoo gives
// colours by position, and a year without subsidies would give theirs to another.
patch(OdooChart.prototype, {
    get dataSets() {
        const dataSets = super.dataSets;
        const colours = this.metaData.colours;
        if (!colours || !this.dataSource?.isReady()) {
            return dataSets;
        }
        return this.dataSource.getData().datasets.map((series, index) => {
            const backgroundColor = colours[series.label];
            return backgroundColor ? { ...dataSets[index], backgroundColor } : dataSets[index];
        });
    },
});

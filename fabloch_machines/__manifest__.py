{
    "name": "Fablab Machines",
    "summary": "Machines and workshop: booking that cannot clash, the cheapest price, rentals that invoice themselves",
    "version": "19.0.1.0.0",
    "category": "Association/Fablab",
    "author": "La FABrique du Loch",
    "license": "AGPL-3",
    "depends": ["fabloch_membership", "resource", "web_timeline"],
    "data": [
        "security/machines_security.xml",
        "security/ir.model.access.csv",
        "security/machines_rules.xml",
        "data/ir_sequence_data.xml",
        "data/ir_cron_data.xml",
        "views/booking_views.xml",
        "views/fabloch_machines_menus.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "fabloch_machines/static/src/booking/*",
            "fabloch_machines/static/src/planner/*",
        ],
        "web.assets_tests": ["fabloch_machines/static/tests/tours/*.js"],
    },
    "application": True,
}

{
    "name": "Fablab Finance: MIS Builder",
    "summary": "The association's income statement and its self-financing, as MIS Builder templates",
    "version": "19.0.1.0.0",
    "category": "Accounting/Fablab",
    "author": "La FABrique du Loch",
    "license": "AGPL-3",
    "depends": ["fabloch_finance", "mis_builder"],
    "data": [
        "data/style_data.xml",
        "data/income_statement_data.xml",
        "data/self_financing_data.xml",
        "data/instance_data.xml",
        "views/mis_report_instance_views.xml",
        "views/mis_menus.xml",
    ],
    "auto_install": True,
}

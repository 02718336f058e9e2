{
    "name": "Fablab Finance",
    "summary": "Charges, automatic invoicing, revenue streams and the association chart of accounts",
    "version": "19.0.1.0.0",
    "category": "Accounting/Fablab",
    "author": "La FABrique du Loch",
    "license": "AGPL-3",
    "depends": ["l10n_fr_account", "contacts", "portal"],
    "data": [
        "security/finance_security.xml",
        "security/ir.model.access.csv",
        "views/fabloch_finance_menus.xml",
    ],
    "application": True,
}

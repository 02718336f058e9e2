{
    "name": "Fablab Membership",
    "summary": "Members, plans, memberships, renewals and member cards of an association",
    "version": "19.0.1.0.0",
    "category": "Association/Fablab",
    "author": "La FABrique du Loch",
    "license": "AGPL-3",
    "depends": ["fabloch_finance"],
    "data": [
        "security/membership_security.xml",
        "security/ir.model.access.csv",
        "security/membership_rules.xml",
        "data/member_category_data.xml",
        "data/ir_sequence_data.xml",
        "data/product_category_data.xml",
    ],
    "post_init_hook": "post_init_hook",
    "application": True,
}

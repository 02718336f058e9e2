"""The demonstration says of partners what the report of 2018 says, and invents no money for those who exist."""

from odoo.addons.fabloch_partnership.demo import stories

# The report's own list.
NAMED = {
    "auray",
    "pays_auray",
    "duquesclin",
    "mal",
    "mission_locale",
    "musee_carnac",
    "argonaute",
    "climactions",
    "parc_golfe",
    "envsn",
    "enedis",
}


def test_the_report_names_these_partners():
    assert NAMED == {story.key for story in stories.OF_2018 if story.kind == "partnership"}
    assert {story.key for story in stories.OF_2018} - NAMED == {"rff", "mibs"}


def test_prospects_are_drafts_without_money():
    prospects = {story.key: story.instalments for story in stories.DRAFTS}
    assert prospects["aqta"] == prospects["region"] == ()

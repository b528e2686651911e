"""Links to Wikidata: checked, proposed, exported, and what can be given back. docs/wikidata.md tells how."""

"""The mutations that no shape finds on the record, since what they make is a record that could be right."""

HARMLESS: dict[tuple[str, str], str] = {
    ("dcterms:isPartOf", "drop"): "a record need not be part of another",
    ("dcterms:source", "duplicate"): "a record may rest on any number of sources",
    ("skos:editorialNote", "drop"): "a note is optional",
    ("skos:note", "drop"): "a note is optional",
    ("tch:aggregate", "negate"): "whether a figure is a total is the curator's judgement",
    ("tch:approximate", "negate"): "whether a figure is exact is what its source says",
    ("tch:giver", "duplicate"): "a gift may have any number of givers",
    ("tch:item", "duplicate"): "found on the line, which two records then have (ItemOwner), not on the record",
    ("tch:quantity", "drop"): "an unknown quantity is a valid answer",
    ("tch:recipient", "duplicate"): "a gift may have any number of recipients",
    ("tch:sameGoodsAs", "duplicate"): "goods may be told of in more than two records",
    ("tch:unit", "drop"): "a line without a quantity needs no unit",
}

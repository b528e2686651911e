"""The vocabularies that rdflib does not know, for code that makes its terms."""

from rdflib import Namespace

from taiwan_can_help.namespaces import PREFIXES

TCH = Namespace(PREFIXES["tch"])
SSSOM = Namespace(PREFIXES["sssom"])
SEMAPV = Namespace(PREFIXES["semapv"])
WIKIDATA = Namespace(PREFIXES["wd"])

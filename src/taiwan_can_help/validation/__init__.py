"""The gate: SHACL shapes over the graph, core by pySHACL, SPARQL constraints for all focus nodes at once."""

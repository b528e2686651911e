"""Reconciliation of names with the entities of a graph, by the Reconciliation Service API 0.2.

See https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/. No Flask and no engine here: rows
of queries become an index, texts of requests become queries, and queries become what an answer says.
"""

"""The graph in the formats of other tools, a module for each.

graph ─┬─▶ plain_values ─┬─▶ xml_graph ───▶ graphml, gexf               texts and numbers; a list is a JSON array
       │                 └─▶ json_arrays ─▶ node_link, d3, cytoscape    JSON, a line for each node and each edge
       ├─▶ tables ────────────────────────▶ csv, neo4j, parquet         rows and columns
       ├─▶ statements ────────────────────▶ jsonld                      trees of schema.org
       └─▶ rdf ───────────────────────────▶ provenance                  quads

A new format is a module here and a row of `registry.FORMATS`.
"""

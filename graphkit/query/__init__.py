"""Query: RDF opened for SPARQL, the bundled questions, and results in any format."""

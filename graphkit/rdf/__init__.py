"""RDF: the vocabulary, the statements about each node, and every syntax they are written in."""

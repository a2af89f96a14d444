"""RDF: the vocabulary, the statements about each node, and the syntaxes for them."""

"""The graph: articles, providers and topics as a NetworkX MultiDiGraph."""

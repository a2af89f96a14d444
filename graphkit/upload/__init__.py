"""Upload: RDF loaded into a triple store over HTTP, and verified there."""

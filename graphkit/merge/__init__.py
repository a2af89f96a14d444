"""Merge: entity resolution, from mentions in many records to one article, provider or topic each."""

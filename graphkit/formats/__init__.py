"""Input formats: from the bytes of a file to its records."""

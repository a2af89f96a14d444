"""Files on disk: atomic replacement, stamps, gzip, folders, patterns, and cells that are no formulas."""

"""Map the tables with Morph-KGC, in one process as graphkit: python by_morph_kgc.py TABLES OUTPUT."""

import sys
from pathlib import Path

import morph_kgc

if __name__ == "__main__":
    tables, output = Path(sys.argv[1]), Path(sys.argv[2])
    config = (
        "[CONFIGURATION]\noutput_format: N-TRIPLES\nnumber_of_processes: 1\n"
        f"[records]\nmappings: {tables / 'mapping.ttl'}\n"
    )
    triples = morph_kgc.materialize_set(config)
    output.write_text("".join(f"{triple} .\n" for triple in triples), encoding="utf-8")

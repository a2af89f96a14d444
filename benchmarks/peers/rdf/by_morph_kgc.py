"""Map the tables with Morph-KGC: python by_morph_kgc.py TABLES OUTPUT."""

import sys
from pathlib import Path

import morph_kgc

if __name__ == "__main__":
    tables, output = Path(sys.argv[1]), Path(sys.argv[2])
    config = f"[CONFIGURATION]\noutput_format: N-TRIPLES\n[records]\nmappings: {tables / 'mapping.ttl'}\n"
    triples = morph_kgc.materialize_set(config)
    output.write_text("".join(f"{triple} .\n" for triple in triples), encoding="utf-8")

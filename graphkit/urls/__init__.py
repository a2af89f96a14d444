"""URLs: the canonical form of an address, its match key, and the public suffix list."""

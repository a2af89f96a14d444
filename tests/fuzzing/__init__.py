"""The fuzzer: mutated record files, and what must hold of every build of them."""

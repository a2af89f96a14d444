"""Records: one entry as plain fields, decoded and checked, with the position of every fault."""

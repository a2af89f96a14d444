"""Diagnostics: one fault of the input each, with its place and its code, in text that is safe to print."""

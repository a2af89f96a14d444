"""A real browser, and the pages that it opens."""

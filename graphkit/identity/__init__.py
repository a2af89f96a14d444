"""Identity: which article, provider and topic an entry refers to."""

"""Sources: from what a person names on the command line to the files to read and their bytes."""

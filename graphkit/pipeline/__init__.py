"""The pipeline: from sources to exports, in one process, in several, or on a Spark cluster."""

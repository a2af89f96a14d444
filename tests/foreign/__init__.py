"""Programs of other people: readers of exports, triple stores, a Spark cluster."""

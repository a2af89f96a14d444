"""What tests feed to graphkit: generated records, hostile texts, broken exports."""

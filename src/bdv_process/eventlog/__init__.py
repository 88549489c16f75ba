"""What did happen: events, event logs, their file formats, and mappings of foreign logs."""

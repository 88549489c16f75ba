"""The REST API: what the pages do, for programs, by the NL GOV REST API Design Rules."""

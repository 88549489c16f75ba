"""Show it: diagrams, charts and one page; no arithmetic."""

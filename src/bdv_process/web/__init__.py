"""THE BROWSER: process owners run the eight workflows on pages that need no JavaScript."""

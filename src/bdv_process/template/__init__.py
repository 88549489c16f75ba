"""What should happen: templates, the rules they keep, who does what, and their language."""

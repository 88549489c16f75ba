"""Learn from it: what did happen, held against what should happen."""

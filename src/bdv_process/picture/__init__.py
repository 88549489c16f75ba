"""DRAW IT: pictures in SVG, each with its title, its sentence and a table of the same facts."""

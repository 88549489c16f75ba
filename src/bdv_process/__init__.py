"""Run the eight workflows of the Basisconcept van Dienstverlening and mine what happened."""

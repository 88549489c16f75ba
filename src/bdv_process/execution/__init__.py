"""Make it happen: cases run on SpiffWorkflow and leave events in one register."""

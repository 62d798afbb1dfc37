"""HOW IT LOOKS: one plan, several formats; it knows nothing of how a plan is made or applied, nor of the clock."""

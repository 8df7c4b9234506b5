"""TOLD: one Markdown file per specialist, and the house rules."""

"""Typed report models, and their Markdown, HTML and JSON renderers."""

"""Slash commands and views, one module a topic; loaded by name, importing nothing from each other."""

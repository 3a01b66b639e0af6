"""Values as people read them: embeds, Markdown, BibTeX and plain text, within Discord's limits.

It decides nothing and sends nothing.
"""

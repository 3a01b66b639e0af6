"""LaTeX and HTML in titles and abstracts, as Unicode that is readable in a chat.

It covers what occurs in arXiv's metadata, not LaTeX documents, and leaves escaping Markdown to its callers.
"""

"""The query language: its parser, arXiv's text analysis, and matching papers with many queries (pure).

It does not search arXiv: it writes queries in arXiv's syntax and matches papers that have been fetched.
"""

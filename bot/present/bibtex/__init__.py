"""Papers as BibTeX: entries, citation keys, authors' names, and text that LaTeX accepts.

It writes BibTeX and never reads it.
"""

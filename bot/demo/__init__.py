"""The demo: the real bot on invented papers, in a simulated Discord that a browser shows.

Only the two ends are replaced, Discord by simcord (which no other package imports) and arXiv by a server on
this machine; everything between them is the code that runs in production.
"""

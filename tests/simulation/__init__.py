"""Sixty announcement days of arXiv in minutes: is every paper posted once, whichever roads are closed?"""

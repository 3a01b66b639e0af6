"""An async Discord bot that posts every new arXiv paper on the subscribed keywords."""

__version__ = "0.1.0"

"""An async Discord bot that posts every new arXiv paper on the keywords that a channel subscribes to.

This level holds no code: each package says in its docstring what it holds and what it does not. Papers travel
from `polling`, which asks arXiv, through `store`, which remembers them, to `delivery`, which posts them.
"""

__version__ = "0.2.0"

"""From arXiv to the outbox: when to ask, which queries share a request, what to do when arXiv fails.

It does not read arXiv's answers, which `bot.arxiv` does, and it sends nothing to Discord.
"""

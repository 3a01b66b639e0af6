"""arXiv over HTTP: the API client, the gate that spaces its requests, the feed parser, the calendar, a cache.

It knows no subscriptions and no database: it turns a query into papers.
"""

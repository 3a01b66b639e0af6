"""The command line `python -m bot`: for each command its arguments, its progress and its exit code.

It decides nothing about papers or subscriptions; the packages below it do.
"""

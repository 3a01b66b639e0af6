"""Who gets at what: every command, menu, component, form and autocomplete, by every kind of member, for every
kind of channel.

    python -m tests.rights              # tries all cells and prints them
    python -m tests.rights "private thread"

`cast` makes the channels and the people, `deeds` says what is tried, and `matrix` tries it in the real bot in
a simulated Discord. What there is to try is read from the running bot, so nothing new can be forgotten.
"""

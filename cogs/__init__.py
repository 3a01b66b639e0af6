"""The slash commands and message menus: one module for each topic, loaded by name.

Cogs do not import each other; what they share is in `bot.interactions`.
"""

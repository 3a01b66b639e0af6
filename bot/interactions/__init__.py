"""What the slash commands share: the command tree, permissions, options with autocomplete, buttons, forms.

The commands themselves are in `cogs`; the texts and embeds of their answers are in `bot.present`.
"""

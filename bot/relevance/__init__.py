"""What channels and people care for: papers and what people said of them, from the store to `bot.ranking`.

It decides nothing about papers; it loads, keeps in memory what is costly, and calculates in threads.
"""

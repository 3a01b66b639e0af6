"""How close papers are to what people save: terms, an interest learnt from them, scores and reasons (pure).

It knows neither who saved a paper nor where it will be posted, and reads no title that is still in LaTeX.
"""

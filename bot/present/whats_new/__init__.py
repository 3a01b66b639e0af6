"""The sentence of an abstract in which the authors say what is new (pure).

`sentences` splits the abstract, `choice` picks one by the cues in `cues`, and `shortening` cuts it for a
post. All of them read text as it is shown: without HTML, with LaTeX as Unicode, on one line.
"""

from __future__ import annotations

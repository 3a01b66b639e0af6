"""Papers on a few subjects, as vectors."""

from __future__ import annotations

from bot.ranking.terms import PlainText, count_terms
from bot.ranking.vectors import Frequencies, Vector, vector_of

TEXTS = [
    PlainText(
        "Gaussian splatting for drones", "Drones map a city with Gaussian splatting and radiance fields."
    ),
    PlainText("Radiance fields of rooms", "Rooms are rendered with radiance fields and Gaussian splatting."),
    PlainText("Splatting without cameras", "Camera poses are found while Gaussian splatting runs."),
    PlainText("Speech of robots", "Robots talk to people; their speech is synthesized."),
    PlainText("Robots that walk", "Legged robots walk on rubble, with a policy learnt in simulation."),
    PlainText("Robots that cook", "Robots cook pasta, with a policy learnt from video."),
]
COUNTED = [count_terms(text) for text in TEXTS]
FREQUENCIES = Frequencies.of(COUNTED)
VECTORS: list[Vector] = [vector_of(counted, FREQUENCIES) for counted in COUNTED]
SPLATTING, ROBOTS = VECTORS[:3], VECTORS[3:]

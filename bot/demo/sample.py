"""The demo's papers: invented, plausible, and the same at every start.

Their numbers are above 90000, which no month of arXiv reaches, so that no link leads to a real paper.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.papers import Paper, PaperId

_FIRST_NUMBER = 90_001
_SUBMITTED_BEFORE = timedelta(hours=20)  # arXiv announces papers about a day after submission


@dataclass(frozen=True, slots=True)
class Topic:
    """A field of research: the categories of its papers, and the phrases that make up their texts."""

    categories: tuple[str, ...]
    titles: tuple[str, ...]
    abstracts: tuple[tuple[str, ...], ...]
    phrases: Mapping[str, tuple[str, ...]]


SPEECH = Topic(
    categories=("eess.AS", "cs.SD", "cs.CL"),
    titles=(
        "{name}: {manner} Speech Synthesis {setting}",
        "Towards {manner} Speech Synthesis {setting}",
        "Does Speech Synthesis Need {means}?",
        "Rethinking {means} for {manner} Speech Synthesis",
    ),
    abstracts=(
        (
            "{manner} speech synthesis is still judged by how it reads a single sentence aloud.",
            "Recent systems for speech synthesis sound natural, but only as long as the text is short.",
        ),
        (
            "We present {name}, which models {low_means} and needs no aligned data.",
            "{name} separates what is said from how it is said with {low_means}.",
        ),
        (
            "In listening tests {count} raters prefer it to a strong baseline $\\mathcal{{B}}$ by {gain} %.",
            "On {count} hours of audio its real-time factor is $\\mathrm{{RTF}} \\approx 0.{gain}$.",
        ),
        ("Audio samples and code are available.", "We discuss what still gives a synthetic voice away."),
    ),
    phrases={
        "manner": ("Expressive", "Zero-Shot", "Low-Latency", "Controllable", "Streaming", "Multilingual"),
        "setting": (
            "for Under-Resourced Languages",
            "on Embedded Devices",
            "from Noisy Recordings",
            "in Long Conversations",
            "without Parallel Data",
        ),
        "means": ("Discrete Prosody Tokens", "Phoneme Timing", "Speaker Embeddings", "Breath and Pause Cues"),
        "low_means": (
            "discrete prosody tokens",
            "phoneme timing",
            "speaker embeddings",
            "breath and pause cues",
        ),
    },
)

LANGUAGE = Topic(
    categories=("cs.CL", "cs.AI", "cs.LG"),
    titles=(
        "{name}: {aim} for Large Language Models",
        "When Do Large Language Models {verb}?",
        "{aim} of Large Language Models {setting}",
        "Large Language Models {verb} {setting}",
    ),
    abstracts=(
        (
            "Large language models answer with confidence even where they should not.",
            "It is unclear how a large language model should be evaluated {low_setting}.",
        ),
        (
            "We introduce {name}, a benchmark of {count} questions with checked sources.",
            "{name} trains the model on its own corrected mistakes & keeps everything else fixed.",
        ),
        (
            "Accuracy rises by {gain} points at the same cost, and calibration error is halved.",
            "Across {count} tasks we find that scale alone explains less than {gain} % of the variance.",
        ),
        ("We release data and prompts.", "The effect holds for open and for closed models."),
    ),
    phrases={
        "aim": ("Faithful Citation", "Calibrated Refusal", "Long-Context Memory", "Self-Correction"),
        "verb": ("Change Their Mind", "Know What They Read", "Forget", "Disagree With Their Sources"),
        "setting": ("in Scientific Writing", "Under Time Pressure", "Across Languages", "on a Budget"),
        "low_setting": ("in scientific writing", "under time pressure", "across languages"),
    },
)

DIFFUSION = Topic(
    categories=("cs.CV", "cs.LG"),
    titles=(
        "{name}: {manner} Diffusion Models {setting}",
        "{manner} Sampling for Diffusion Models in $O(\\log T)$ Steps",
        "What Do Diffusion Models Learn About {means}?",
    ),
    abstracts=(
        (
            "Diffusion models generate images of high quality at the price of many network evaluations.",
            "The noise schedule of a diffusion model is usually chosen by hand.",
        ),
        (
            "We show that {low_means} is encoded early, at noise levels $\\sigma_t > {gain}$.",
            "{name} learns the schedule jointly with the score $\\nabla_x \\log p_t(x)$.",
        ),
        (
            "With {gain} steps it matches a teacher that takes {count}.",
            "The Fr\\'echet distance improves by {gain} % on three data sets.",
        ),
        ("The method needs no retraining.", "We give a proof for the Gaussian case."),
    ),
    phrases={
        "manner": ("Few-Step", "Consistent", "Geometry-Aware", "Memory-Bounded"),
        "setting": (
            "for Video",
            "for Medical Images",
            "at Ultra-High Resolution",
            "with Physical Constraints",
        ),
        "means": ("Depth", "Symmetry", "Light", "Occlusion"),
        "low_means": ("depth", "symmetry", "illumination", "occlusion"),
    },
)

ROBOTS = Topic(
    categories=("cs.RO", "cs.LG", "cs.AI"),
    titles=(
        "{name}: Robot Learning {setting}",
        "{manner} Robot Learning for {task}",
        "{task} with {manner} Policies",
    ),
    abstracts=(
        (
            "Robot learning depends on demonstrations that are slow to collect.",
            "{any_task} remains hard for robots as soon as contact is uncertain.",
        ),
        (
            "{name} combines {count} short demonstrations with tactile feedback.",
            "We propose a policy for robot learning that asks for help when it is unsure.",
        ),
        (
            "On a real arm it succeeds in {gain} of 50 trials more than behavior cloning.",
            "Manipulation succeeds {gain} % more often, at {count} Hz on board.",
        ),
        ("Videos are on the project page.", "Hardware designs are open."),
    ),
    phrases={
        "manner": ("Tactile", "Uncertainty-Aware", "Language-Conditioned", "Sample-Efficient"),
        "setting": ("from Ten Minutes of Play", "in Cluttered Kitchens", "Across Grippers", "After Dark"),
        "task": ("Cable Manipulation", "In-Hand Manipulation", "Bimanual Assembly", "Fabric Folding"),
        "any_task": ("Cable manipulation", "In-hand manipulation", "Bimanual assembly", "Fabric folding"),
    },
)

QUANTUM = Topic(
    categories=("quant-ph", "cs.IT"),
    titles=(
        "{manner} Quantum Error Correction {setting}",
        "A {manner} Decoder for Quantum Error Correction: {name}",
        "Bounds on {manner} Quantum Error Correction with $[[n,k,d]]$ Codes",
    ),
    abstracts=(
        (
            "Quantum error correction pays for reliability with qubits.",
            "Decoders for quantum error correction must answer before the next round of syndromes arrives.",
        ),
        (
            "We describe {name}, whose running time is linear in the number of defects.",
            "We bound the logical error rate $p_L \\le (p/p_{{th}})^{{d/2}}$ for biased noise.",
        ),
        (
            "At distance $d = {gain}$ it decodes {count} rounds within a microsecond each.",
            "The threshold rises by {gain} % over minimum-weight matching.",
        ),
        ("We release the circuits.", "Implications for neutral atoms are discussed."),
    ),
    phrases={
        "manner": ("Real-Time", "Biased-Noise", "Low-Overhead", "Fault-Tolerant"),
        "setting": ("Beyond the Surface Code", "with Neutral Atoms", "on Sparse Graphs"),
    },
)

PLANETS = Topic(
    categories=("astro-ph.EP", "astro-ph.IM"),
    titles=(
        "{means} in the Exoplanet Atmosphere of a Warm Neptune",
        "{name}: Retrieving {means} from Exoplanet Atmosphere Spectra",
        "Is There {means} in Exoplanet Atmosphere Data? A Second Look",
    ),
    abstracts=(
        (
            "Transmission spectra of an exoplanet atmosphere are degenerate in cloud height and metallicity.",
            "Claims about {low_means} in an exoplanet atmosphere often rest on a single line.",
        ),
        (
            "We reanalyze {count} transits with {name} and marginalize over stellar spots.",
            "We present {count} hours of observations at $R \\sim 10^5$.",
        ),
        (
            "The evidence drops to ${gain}/10\\,\\sigma$ once starspots are modelled.",
            "We find $\\log X = -{gain}/4$ for {low_means}, consistent with equilibrium chemistry.",
        ),
        ("Spectra are public.", "We predict what one more season of observations would decide."),
    ),
    phrases={
        "means": ("Water Vapour", "Methane", "Sulphur Dioxide", "Helium Escape"),
        "low_means": ("water vapour", "methane", "sulphur dioxide"),
    },
)

TOPICS = (SPEECH, LANGUAGE, DIFFUSION, SPEECH, ROBOTS, LANGUAGE, QUANTUM, ROBOTS, PLANETS)

_NAMES = (
    "Corvid", "Lumen", "Tidepool", "Quill", "Harrier", "Ember", "Parallax", "Sextant", "Wren", "Basalt",
    "Halyard", "Juniper", "Kestrel", "Marrow", "Nimbus", "Ostinato", "Plover", "Rill", "Solstice", "Tern",
)  # fmt: skip
_GIVEN = (
    "Amina", "Bruno", "Chen", "Dilara", "Emeka", "Freya", "Giorgos", "Hana", "Ines", "Joon-ho", "Katarzyna",
    "Luis", "Mirela", "Noor", "Oskar", "Priya", "Quentin", "Ruth", "Søren", "Tomoko", "Umut", "Vera", "Wanja",
)  # fmt: skip
_FAMILY = (
    "Abara", "Bianchi", "Castellanos", "Dvořák", "Eriksen", "Fontaine", "Gupta", "Hashimoto", "Ito", "Jansen",
    "Kowalska", "Lindqvist", "Moreau", "Nakamura", "Okafor", "Petrov", "Qureshi", "Rossi", "Sato", "Tanaka",
    "Ueda", "Vasquez", "Wójcik", "Yılmaz", "Zhang",
)  # fmt: skip
_COMMENTS = (
    None,
    "12 pages, 5 figures",
    "Accepted at the Workshop on Invented Results; 9 pages",
    None,
    "Code included",
)


def paper(index: int, announced: datetime) -> Paper:
    """Return the demo's paper number *index*, counted from 0, as if announced at *announced*.

    arXiv numbers papers at announcement, so *announced* must not decrease as *index* increases.
    """
    dice = random.Random(index)  # noqa: S311 - the papers are to be the same at every start
    topic = TOPICS[index % len(TOPICS)]
    words = {key: dice.choice(options) for key, options in topic.phrases.items()}
    words |= {
        "name": f"{dice.choice(_NAMES)}{dice.choice(('', '', '-2', 'Net'))}",
        "count": str(dice.randrange(40, 900)),
        "gain": str(dice.randrange(2, 30)),
    }
    published = (announced - _SUBMITTED_BEFORE - timedelta(minutes=index % 240)).replace(microsecond=0)
    categories = topic.categories[: dice.randrange(1, len(topic.categories) + 1)]
    return Paper(
        id=PaperId(f"{announced:%y%m}.{_FIRST_NUMBER + index}"),
        version=1,
        title=dice.choice(topic.titles).format(**words),
        abstract=_abstract(topic, words, dice),
        authors=_authors(dice),
        categories=categories,
        primary_category=categories[0],
        published=published,
        updated=published,
        comment=dice.choice(_COMMENTS),
        journal_ref=None,
        doi=None,
    )


def _abstract(topic: Topic, words: Mapping[str, str], dice: random.Random) -> str:
    """Return one sentence of each kind; the first names the field, as in real abstracts."""
    sentences = " ".join(dice.choice(options) for options in topic.abstracts).format(**words)
    return sentences[0].upper() + sentences[1:]


def _authors(dice: random.Random) -> tuple[str, ...]:
    given: Sequence[str] = dice.sample(_GIVEN, dice.randrange(2, 8))
    return tuple(f"{name} {dice.choice(_FAMILY)}" for name in given)

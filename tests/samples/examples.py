"""How many examples Hypothesis generates: what a test asks for, times the factor of the profile."""

import os
from collections.abc import Iterable
from typing import Any

from hypothesis import HealthCheck, settings

FACTORS = {"dev": 0.2, "ci": 1.0, "nightly": 10.0}
"""Profiles: while you write code, in CI, and at night. The environment variable HYPOTHESIS_PROFILE chooses one."""

PROFILE = os.environ.get("HYPOTHESIS_PROFILE") or "dev"


def scaled(number: int) -> int:
    """Return how many times to do what is done `number` times in CI, at least once."""
    return max(1, round(number * FACTORS[PROFILE]))


def examples(number: int, *, suppress_health_check: Iterable[HealthCheck] = (), **others: Any) -> settings:
    """Return the settings of a test that generates `number` examples in CI.

    There is no deadline, and examples may be slow to generate: both depend on the machine and on what else runs there.
    """
    suppressed = {HealthCheck.too_slow, *suppress_health_check}
    return settings(max_examples=scaled(number), deadline=None, suppress_health_check=list(suppressed), **others)


def load_profile() -> None:
    """Let tests without a number of their own generate 100 examples in CI."""
    settings.register_profile("graphkit", examples(100))
    settings.load_profile("graphkit")

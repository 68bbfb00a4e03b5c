"""A short run of `scripts/fuzz api`: every operation of both APIs, as its description allows it and as it does not."""

from __future__ import annotations

import time

import pytest

from tests.fuzz.api import ApiFuzz


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_no_request_to_an_api_is_answered_with_a_fault(database, request, tmp_path):
    """No 5xx but where it is described, nothing that is not as described, nothing in the log; the same cases at each run."""
    url = request.getfixturevalue("fresh_postgres_url") if database == "postgres" else ""
    with ApiFuzz(1, tmp_path / "findings", url) as made:
        made.run(time.monotonic() + 60, times=3)
        figures = made.figures()
    assert figures["findings"] == {}
    assert figures["requests"] == figures["operations"] * 3 > 450
    assert {"200", "401", "404", "422"} <= set(figures["statuses"])

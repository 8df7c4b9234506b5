"""Messages wait until they are delivered, and one worker at a time delivers one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from postlaunch.errors import DeliveryFailed
from postlaunch.ledger.ledger import Ledger
from postlaunch.ledger.outbox_delivery import Channel, Delivery, deliver_due, doubling
from postlaunch.ledger.records import Lease, OutboxRow
from postlaunch.testing.clock import StillClock

NewMessage = Callable[..., OutboxRow]


class Post:
    """A channel that takes down what it was given, and refuses what it is told to refuse."""

    def __init__(self, *refused: str) -> None:
        self.refused = set(refused)
        self.keys: list[str] = []

    def deliver(self, row: OutboxRow) -> None:
        self.keys.append(row.key)
        if row.key in self.refused:
            raise DeliveryFailed("the folder is gone", "make it again")


def test_a_key_is_stored_once(ledger: Ledger, lease: Lease, new_message: NewMessage) -> None:
    [first] = ledger.enqueue(lease, [new_message()])
    [again] = ledger.enqueue(None, [new_message(payload={"other": True})])
    assert again == first
    assert ledger.undelivered() == (first,)
    assert first.id > 0


def test_one_call_may_name_a_key_twice(ledger: Ledger, new_message: NewMessage) -> None:
    assert len(ledger.enqueue(None, [new_message(), new_message()])) == 1


def test_a_claimed_message_is_nobody_elses_until_the_claim_ends(
    ledger: Ledger, new_message: NewMessage, clock: StillClock
) -> None:
    [row] = ledger.enqueue(None, [new_message()])
    claimed = ledger.claim(row.id, clock(), 30)
    assert claimed is not None
    assert claimed.attempts == 1
    assert ledger.claim(row.id, clock(), 30) is None
    assert ledger.due(clock()) == ()
    clock.forward(seconds=30)
    again = ledger.claim(row.id, clock(), 30)
    assert again is not None
    assert again.attempts == 2


def test_a_message_is_not_due_before_its_time(
    ledger: Ledger, new_message: NewMessage, clock: StillClock
) -> None:
    ledger.enqueue(None, [new_message(next_at=clock() + timedelta(hours=1))])
    assert ledger.due(clock()) == ()
    assert len(ledger.due(clock.forward(hours=1))) == 1


def test_delivering_empties_the_outbox_once(
    ledger: Ledger, new_message: NewMessage, clock: StillClock
) -> None:
    ledger.enqueue(None, [new_message("a"), new_message("b")])
    post = Post()
    result = deliver_due(ledger, Delivery({"handoff_file": post}), clock)
    assert post.keys == ["a", "b"]
    assert [row.key for row in result.arrived] == ["a", "b"]
    assert ledger.undelivered() == ()
    assert deliver_due(ledger, Delivery({"handoff_file": post}), clock).arrived == ()


class Filing:
    """A channel that files each message at an address of its own."""

    def deliver(self, row: OutboxRow) -> str:
        return f"https://board.example/{row.payload['handoff']}"


def test_where_a_hand_off_was_filed_is_kept_with_its_message(
    ledger: Ledger, new_message: NewMessage, clock: StillClock
) -> None:
    filed, written = new_message("a", channel="handoff_github", payload={"handoff": "H1"}), new_message("b")
    ledger.enqueue(None, [filed, written])
    channels: dict[str, Channel] = {"handoff_github": Filing(), "handoff_file": Post()}
    arrived = deliver_due(ledger, Delivery(channels), clock).arrived
    assert [row.address for row in arrived] == ["https://board.example/H1", ""]
    assert ledger.addresses() == {"H1": "https://board.example/H1"}
    ledger.delivered(arrived[0].id, clock(), "https://board.example/elsewhere")
    assert ledger.addresses() == {"H1": "https://board.example/H1"}


def test_a_failure_holds_up_no_other_and_is_tried_again_later(
    ledger: Ledger, new_message: NewMessage, clock: StillClock
) -> None:
    ledger.enqueue(None, [new_message("a"), new_message("b")])
    post = Post("a")
    delivery = Delivery({"handoff_file": post}, backoff=lambda attempts: timedelta(minutes=attempts))
    [failed] = deliver_due(ledger, delivery, clock).failed
    assert post.keys == ["a", "b"]
    assert failed == ledger.undelivered()[0]
    assert failed.error == "the folder is gone. make it again"
    assert failed.next_at == clock() + timedelta(minutes=1)
    deliver_due(ledger, delivery, clock)
    assert post.keys == ["a", "b"]
    clock.forward(minutes=1)
    post.refused.clear()
    [arrived] = deliver_due(ledger, delivery, clock).arrived
    assert (arrived.attempts, arrived.error) == (2, "")


def test_a_message_that_keeps_failing_stays_visible_with_its_error(
    ledger: Ledger, new_message: NewMessage, clock: StillClock
) -> None:
    ledger.enqueue(None, [new_message("a"), new_message("b")])
    delivery = Delivery({"handoff_file": Post("a")})
    for _ in range(5):
        deliver_due(ledger, delivery, clock)
        clock.forward(hours=6)
    [stuck] = ledger.undelivered(min_attempts=5)
    assert (stuck.key, stuck.attempts) == ("a", 5)
    assert "the folder is gone" in stuck.error


def test_what_was_called_off_before_it_arrived_is_not_sent_after_that(
    ledger: Ledger, new_message: NewMessage, clock: StillClock
) -> None:
    post = Post("first")
    ledger.enqueue(None, [new_message("first", payload={"handoff": "H1"})])
    deliver_due(ledger, Delivery({"handoff_file": post}), clock)
    ledger.enqueue(None, [new_message("off", payload={"handoff": "H1-called-off-1"})])
    clock.forward(hours=7)
    post.refused.clear()
    deliver_due(ledger, Delivery({"handoff_file": post}, called_off={"H1"}), clock)
    assert post.keys == ["first", "off"], "tried once, before it was called off"
    assert ledger.undelivered() == ()


def test_a_message_without_a_channel_says_so(
    ledger: Ledger, new_message: NewMessage, clock: StillClock
) -> None:
    ledger.enqueue(None, [new_message(channel="notify_webhook")])
    [failed] = deliver_due(ledger, Delivery({}), clock).failed
    assert failed.error == "no channel notify_webhook is configured"


def test_a_late_failure_does_not_undo_another_workers_delivery(
    ledger: Ledger, new_message: NewMessage, clock: StillClock
) -> None:
    [row] = ledger.enqueue(None, [new_message()])
    ledger.claim(row.id, clock(), 30)
    ledger.delivered(row.id, clock())
    ledger.attempt_failed(row.id, "timed out", clock())
    [stored] = ledger.enqueue(None, [new_message()])
    assert (stored.delivered_at, stored.error) == (clock(), "")
    assert ledger.due(clock()) == ()


def test_waiting_doubles_up_to_six_hours() -> None:
    minutes = [doubling(attempts).total_seconds() / 60 for attempts in (1, 2, 3, 9, 10, 1000)]
    assert minutes == [1, 2, 4, 256, 360, 360]


class Board(Post):
    """A channel that acts and then does not answer, and can be asked later what is there."""

    def __init__(self, *refused: str, reachable: bool = True, told: bool | None = None) -> None:
        super().__init__(*refused)
        self.reachable = reachable
        self.told = told
        self.asked = 0

    def find(self, row: OutboxRow) -> bool | None:
        self.asked += 1
        if not self.reachable:
            raise DeliveryFailed("the board is away")
        return row.key in self.keys if self.told is None else self.told


def tried_twice(ledger: Ledger, board: Board, clock: StillClock) -> Delivery:
    delivery = Delivery({"handoff_file": board})
    deliver_due(ledger, delivery, clock)
    clock.forward(hours=6)
    deliver_due(ledger, delivery, clock)
    return delivery


def test_a_message_that_arrived_without_an_answer_is_found_and_not_sent_again(
    ledger: Ledger, new_message: NewMessage, clock: StillClock
) -> None:
    ledger.enqueue(None, [new_message("a")])
    board = Board("a")
    tried_twice(ledger, board, clock)
    assert (board.keys, board.asked, ledger.undelivered()) == (["a"], 1, ())


def test_a_message_that_is_not_found_is_sent_again(
    ledger: Ledger, new_message: NewMessage, clock: StillClock
) -> None:
    ledger.enqueue(None, [new_message("a")])
    board = Board("a", told=False)
    tried_twice(ledger, board, clock)
    assert board.keys == ["a", "a"]


def test_while_the_receiver_cannot_be_asked_a_message_waits(
    ledger: Ledger, new_message: NewMessage, clock: StillClock
) -> None:
    ledger.enqueue(None, [new_message("a")])
    board = Board("a", reachable=False)
    delivery = tried_twice(ledger, board, clock)
    [waiting] = ledger.undelivered()
    assert (board.keys, waiting.error) == (["a"], "the board is away")
    board.reachable = True
    clock.forward(hours=6)
    assert [row.key for row in deliver_due(ledger, delivery, clock).arrived] == ["a"]
    assert board.keys == ["a"]

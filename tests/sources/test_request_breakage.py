"""Whatever a log turns out to be, it is read, or refused with what happened and what to do."""

from __future__ import annotations

import gzip
import os
import random
from datetime import UTC, datetime, timedelta

import pytest

from postlaunch.errors import SourceError
from postlaunch.settings import Settings
from postlaunch.sources import lines as byte_pass
from postlaunch.sources.requests import open_requests

NOW = datetime(2025, 11, 20, tzinfo=UTC)


def line(second: int = 0, status: str = "200", path: str = "/") -> str:
    time = f"18/Nov/2025:14:15:{second:02d} +0000"
    return f'203.0.113.7 - - [{time}] "GET {path} HTTP/1.1" {status} 1 "-" "Mozilla/5.0"'


LINES = [line(second) for second in range(20)]


def refused(call) -> SourceError:
    """The error a call ends with; it says what to do."""
    with pytest.raises(SourceError) as caught:
        call()
    assert caught.value.remedy
    return caught.value


def test_no_request_log_configured() -> None:
    assert "no request log" in str(refused(lambda: open_requests(Settings())))


def test_a_glob_that_matches_nothing(open_log) -> None:
    assert 'no file matches "logs/*.gz"' in str(refused(lambda: open_log("", paths=("logs/*.gz",))))


def test_an_empty_file(open_log) -> None:
    assert "is empty" in str(refused(lambda: open_log("")))


def test_a_file_of_blank_lines(open_log) -> None:
    assert "only blank lines" in str(refused(lambda: open_log("\n \n\t\r\n")))


def test_an_empty_file_beside_a_full_one_is_no_failure(open_log, tmp_path) -> None:
    (tmp_path / "b.log").write_text("\n".join(LINES), encoding="utf-8")
    assert open_log("", paths=("access.log", "b.log")).coverage.lines_parsed == 20


def test_a_binary_file(open_log) -> None:
    content = random.Random(7).randbytes(200_000)
    assert "looks like a binary file" in str(refused(lambda: open_log(content)))


def test_a_file_in_which_no_line_is_a_request(open_log) -> None:
    text = str(refused(lambda: open_log("hello\nworld\n")))
    assert "no line of" in text
    assert "line 1, not a whole line of the format: hello" in text


@pytest.mark.parametrize("kept", [0.5, 0.9, 0.99])
def test_a_truncated_gzip_file(open_log, kept: float) -> None:
    packed = gzip.compress("\n".join(LINES * 200).encode())
    error = refused(lambda: open_log(packed[: int(len(packed) * kept)]))
    assert "ends in the middle" in str(error)


def test_a_damaged_gzip_file(open_log) -> None:
    packed = bytearray(gzip.compress(random.Random(7).randbytes(5_000)))
    packed[2_000:2_100] = bytes(100)
    assert "damaged" in str(refused(lambda: open_log(bytes(packed))))


def test_a_file_compressed_otherwise(open_log) -> None:
    assert "compressed with zstd" in str(refused(lambda: open_log(b"\x28\xb5\x2f\xfd" + bytes(50))))


def test_a_folder(open_log, tmp_path) -> None:
    (tmp_path / "logs").mkdir()
    assert "is a folder" in str(refused(lambda: open_log("", paths=("logs",))))


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_permission(open_log, tmp_path) -> None:
    (tmp_path / "secret.log").touch(mode=0o000)
    assert "may not be read" in str(refused(lambda: open_log("", paths=("secret.log",))))


def test_a_link_to_nothing(open_log, tmp_path) -> None:
    (tmp_path / "gone.log").symlink_to(tmp_path / "nowhere")
    assert refused(lambda: open_log("", paths=("gone.log",)))


def test_a_long_line_is_one_rejected_line(open_log) -> None:
    log = open_log([*LINES[:3], "x" * (1 << 20), *LINES[3:]])
    assert (log.coverage.lines_parsed, log.coverage.rejected_by_reason) == (20, {"longer than 64 KB": 1})
    (sample,) = log.coverage.rejected_samples
    assert (sample.line, len(sample.text)) == (4, 200)


def test_a_line_longer_than_every_block_is_not_kept_in_memory(open_log, monkeypatch) -> None:
    monkeypatch.setattr(byte_pass, "BLOCK", 1_000)
    held: list[int] = []
    whole = byte_pass._whole_lines

    def watched(stream):
        for block in whole(stream):
            held.append(len(block))
            yield block

    monkeypatch.setattr(byte_pass, "_whole_lines", watched)
    log = open_log([LINES[0], "x" * 5_000_000, *LINES[1:]])
    assert (log.coverage.lines_parsed, log.coverage.lines_rejected) == (20, 1)
    assert log.coverage.rejected_samples[0].line == 2
    assert max(held) < 2 * byte_pass.LONGEST_LINE


def test_line_numbers_hold_across_blocks(open_log, monkeypatch) -> None:
    monkeypatch.setattr(byte_pass, "BLOCK", 300)
    log = open_log([*LINES[:13], "broken", *LINES[13:]])
    assert (log.coverage.lines_parsed, log.coverage.rejected_samples[0].line) == (20, 14)


def test_nul_bytes_and_bytes_that_are_no_text_do_no_harm(open_log) -> None:
    content = bytes(100_000) + "\n".join(LINES).encode()
    log = open_log(content + b"\n" + line(30).encode().replace(b"GET /", b"GET /\xff\xfe\x00") + b"\n")
    assert (log.coverage.lines_parsed, log.coverage.lines_rejected) == (21, 0)


def test_a_byte_order_mark_and_windows_line_ends(open_log) -> None:
    log = open_log(b"\xef\xbb\xbf" + "\r\n".join(LINES).encode())
    assert (log.coverage.lines_parsed, log.coverage.lines_rejected) == (20, 0)


def test_a_status_that_is_none_is_rejected(open_log) -> None:
    log = open_log([*LINES, *(line(status=status) for status in ("099", "600", "999", "0"))])
    assert log.coverage.rejected_by_reason == {"status outside 100-599": 4}


def test_a_time_that_is_none_is_rejected(open_log) -> None:
    times = ("99/Nov/2025:14:15:03 +0000", "18/Nov/1970:14:15:03 +0000", "now", "18/Nov/2025:25:61:61 +0000")
    broken = [line().replace("18/Nov/2025:14:15:00 +0000", time) for time in times]
    assert open_log([*LINES, *broken]).coverage.rejected_by_reason == {"no readable time": 4}


def test_lines_from_the_future_are_left_out_and_counted(open_log) -> None:
    future = line().replace("2025", "2026")
    log = open_log([*LINES, future], clock=lambda: NOW)
    assert (log.coverage.lines_parsed, log.coverage.lines_future, log.coverage.lines_rejected) == (20, 1, 0)
    assert log.coverage.last.year == 2025


def test_a_line_from_the_future_counts_once_its_time_has_come(open_log) -> None:
    log = [*LINES, line().replace("18/Nov", "28/Nov")]
    assert open_log(log, clock=lambda: NOW).coverage.lines_future == 1
    assert open_log(log, clock=lambda: NOW + timedelta(days=30)).coverage.lines_future == 0


def test_a_log_only_of_the_future_is_refused(open_log) -> None:
    error = refused(lambda: open_log(LINES, clock=lambda: NOW - timedelta(days=365)))
    assert "future" in str(error)


def test_lines_out_of_order_are_all_counted(open_log) -> None:
    shuffled = random.Random(7).sample(LINES, len(LINES))
    coverage = open_log(shuffled).coverage
    assert (coverage.lines_parsed, coverage.first.second, coverage.last.second) == (20, 0, 19)


def test_a_line_cut_short_is_rejected(open_log) -> None:
    whole = line()
    # up to the byte count; a line cut just behind it tells all of a request but its client's name
    ends = [*range(1, whole.index(" 1 ") + 1), *range(whole.index(" 1 ") + 4, len(whole))]
    coverage = open_log([*LINES, *(whole[:end] for end in ends)]).coverage
    assert (coverage.lines_parsed, coverage.lines_rejected) == (20, len(ends))


def test_samples_of_rejected_lines_are_cleaned_of_control_characters(open_log) -> None:
    (sample,) = open_log([*LINES, "\x1b[31mred\x07 \u202eleft"]).coverage.rejected_samples
    assert sample.text == "[31mred left"


def test_counts_add_up(open_log) -> None:
    coverage = open_log([*LINES, "", "broken", line(status="700"), line().replace("2025", "2099")]).coverage
    assert coverage.lines_read == 23
    assert coverage.lines_read == coverage.lines_parsed + coverage.lines_rejected + coverage.lines_future

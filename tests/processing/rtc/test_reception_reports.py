"""Receiver reports."""

from __future__ import annotations

from random import Random

import pytest
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import RtcpPacket, RtcpRrPacket, RtcpSenderInfo, RtcpSrPacket, RtpPacket

from eyeline.processing.rtc.ntp import middle_32
from eyeline.processing.rtc.reception_reports import ReceptionReports

NTP = 0xE1234567_89ABCDEF


def received(reports: ReceptionReports, sequences: list[int], ssrc: int = 5) -> None:
    for sequence in sequences:
        packet = RtpPacket(sequence_number=sequence % (1 << 16), timestamp=sequence * 3000, ssrc=ssrc, payload=b"x")
        reports.add(packet, 90_000, 10.0 + sequence / 30)


def test_without_packets_there_is_nothing_to_say() -> None:
    assert ReceptionReports().build(1, 0.0) is None


def test_loss_is_told_since_the_last_report_and_in_all() -> None:
    reports = ReceptionReports()
    received(reports, [*range(100, 150), *range(175, 200)])
    first = reports.build(1, 0.0)
    received(reports, [*range(200, 300)])
    second = reports.build(1, 1.0)
    assert first is not None
    assert second is not None
    assert (first.reports[0].fraction_lost, first.reports[0].packets_lost) == (64, 25)
    assert (second.reports[0].fraction_lost, second.reports[0].packets_lost) == (0, 25)


def test_a_sender_learns_when_its_report_came() -> None:
    reports = ReceptionReports()
    received(reports, [1])
    reports.sender_report(RtcpSrPacket(5, RtcpSenderInfo(NTP, 0, 1, 1)), 10.0)
    report = reports.build(1, 10.5)
    assert report is not None
    assert report.reports[0].lsr == middle_32(NTP)
    assert report.reports[0].dlsr / 65536 == pytest.approx(0.5, abs=1e-4)


def test_the_highest_number_counts_wrap_arounds_and_survives_the_wire() -> None:
    reports = ReceptionReports()
    received(reports, [*range(65530, 65545)])
    report = reports.build(1, 0.0)
    assert report is not None
    parsed = RtcpPacket.parse(bytes(report))[0]
    assert isinstance(parsed, RtcpRrPacket)
    assert parsed.reports[0].highest_sequence == 65544


def test_a_report_has_room_for_31_streams() -> None:
    reports = ReceptionReports()
    for ssrc in range(40):
        received(reports, [1, 2], ssrc)
    report = reports.build(1, 0.0)
    assert report is not None
    assert len(report.reports) == 31
    assert report.reports[-1].ssrc == 39


def test_jitter_is_how_much_packets_scatter() -> None:
    """The interarrival jitter of RFC 3550, appendix A.8: for delays of 0 and 10 ms in turn it tends to 10 ms."""
    reports = ReceptionReports()
    for number in range(200):
        packet = RtpPacket(sequence_number=number, timestamp=number * 3000, ssrc=5)
        reports.add(packet, 90_000, number / 30 + 0.01 * (number % 2))
    report = reports.build(1, 7.0)
    assert report is not None
    assert report.reports[0].jitter / 90 == pytest.approx(10.0, rel=0.02)


def test_it_counts_like_aiortc() -> None:
    """Also what comes twice, late, or after a wrap-around."""
    random = Random(1)
    sequences = [number for number in range(65000, 67000) if random.random() > 0.1]
    sequences = sorted(sequences + random.choices(sequences, k=50), key=lambda number: number + random.uniform(0, 4))
    reports, theirs = ReceptionReports(), StreamStatistics(90_000)
    for part in (sequences[:900], sequences[900:1000], sequences[1000:]):
        received(reports, part)
        for sequence in part:
            theirs.add(RtpPacket(sequence_number=sequence % (1 << 16), timestamp=sequence * 3000, ssrc=5))
        report = reports.build(1, 0.0)
        assert report is not None
        mine = report.reports[0]
        assert (mine.packets_lost, mine.fraction_lost) == (theirs.packets_lost, theirs.fraction_lost)
        assert mine.highest_sequence == theirs.cycles + (theirs.max_seq or 0)


def test_packets_that_come_twice_are_no_negative_loss_since_the_last_report() -> None:
    reports = ReceptionReports()
    received(reports, [1, 2, 3, 3, 3, 3, 4])
    report = reports.build(1, 0.0)
    assert report is not None
    parsed = RtcpPacket.parse(bytes(report))[0]
    assert isinstance(parsed, RtcpRrPacket)
    assert (parsed.reports[0].fraction_lost, parsed.reports[0].packets_lost) == (0, -3)

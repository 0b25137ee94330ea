"""Whether a change inside of aiortc is told clearly."""

from __future__ import annotations

import aiortc
import pytest
from aioice.ice import Connection, StunProtocol
from aiortc import RTCDtlsTransport, RTCRtpSender

from eyeline.processing.rtc.aiortc_check import check_aiortc, gives_packets, takes_packets
from eyeline.processing.rtc.aiortc_internals import LivePeerConnection
from eyeline.processing.rtc.errors import AiortcError


def test_the_installed_version_is_supported() -> None:
    check_aiortc()


async def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiortc, "__version__", "1.17.0")
    with pytest.raises(AiortcError, match=r"1\.17\.0") as caught:
        LivePeerConnection()
    assert "pip install" in caught.value.hint


def test_a_method_that_is_gone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(RTCDtlsTransport, "_send_rtp")
    with pytest.raises(AiortcError, match=r"RTCDtlsTransport\._send_rtp"):
        check_aiortc()


def test_an_attribute_that_is_gone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_ssrc(self: RTCRtpSender) -> None:
        self._enabled = True
        self._rtx_ssrc = 1
        self._stream_id = ""

    monkeypatch.setattr(RTCRtpSender, "__init__", without_ssrc)
    with pytest.raises(AiortcError, match=r"RTCRtpSender\._ssrc"):
        check_aiortc()


def test_packets_are_taken_past_the_queue_of_the_installed_aioice() -> None:
    takes_packets.cache_clear()
    assert takes_packets()


def test_another_aioice_is_told_of_and_used_as_it_is(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    takes_packets.cache_clear()
    monkeypatch.delattr(Connection, "data_received")
    assert not takes_packets()
    assert "Connection.data_received" in caplog.text
    check_aiortc()
    takes_packets.cache_clear()


def test_an_aioice_without_its_way_out_is_told_of_and_used_as_it_is(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gives_packets.cache_clear()
    assert gives_packets()
    gives_packets.cache_clear()
    monkeypatch.delattr(StunProtocol, "send_data")
    assert not gives_packets()
    assert "StunProtocol.send_data" in caplog.text
    check_aiortc()
    gives_packets.cache_clear()

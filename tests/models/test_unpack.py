from __future__ import annotations

import io
import zipfile

import pytest

from eyeline.models.errors import DamagedModelError
from eyeline.models.unpack import unpack


@pytest.fixture
def write(tmp_path):
    def write(content):
        file = tmp_path / "file"
        file.write_bytes(content)
        return file

    return write


def test_a_wheel_gives_what_is_wanted_and_its_licence(weights, write):
    unpacked = unpack(write(weights.wheel()), [weights.models["far"]], "the wheel")
    assert unpacked.weights == {"far": weights.contents["far"]}
    assert unpacked.licence == "Do what you like."


def test_a_bare_file_is_recognised_by_its_hash(weights, write):
    unpacked = unpack(write(weights.contents["far"]), weights.models.values(), "the file")
    assert unpacked.weights == {"far": weights.contents["far"]}
    assert unpacked.licence == ""


def test_a_bare_file_with_a_zip_appended_is_still_no_wheel(weights, write):
    with pytest.raises(DamagedModelError, match="not the registered file of near, far"):
        unpack(write(weights.contents["far"] + weights.wheel()), weights.models.values(), "the file")


def test_a_changed_member_is_refused(weights, write):
    changed = b"X" + weights.contents["near"][1:]
    with pytest.raises(DamagedModelError, match=r"near in the wheel is not the registered file \(wrong SHA-256\)"):
        unpack(write(weights.wheel(near=changed)), weights.models.values(), "the wheel")


def test_a_member_that_claims_another_size_is_not_even_inflated(weights, write):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("weights/near.tflite", bytes(50_000_000))
    with pytest.raises(DamagedModelError, match="wrong SHA-256"):
        unpack(write(buffer.getvalue()), [weights.models["near"]], "the wheel")


def test_a_wheel_without_the_member_is_refused(weights, write):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("other", "")
    with pytest.raises(DamagedModelError, match=r"holds no weights/near\.tflite") as caught:
        unpack(write(buffer.getvalue()), [weights.models["near"]], "the wheel")
    assert caught.value.hint == "Give a wheel of eyeline-test-weights 1.2.3."


def test_flipped_bytes_inside_a_wheel_are_noticed(weights, write):
    wheel = bytearray(weights.wheel())
    wheel[5_000] ^= 0xFF
    with pytest.raises(DamagedModelError, match="damaged wheel"):
        unpack(write(bytes(wheel)), [weights.models["near"]], "the wheel")


@pytest.mark.parametrize("content", [b"", b"<html>log in first</html>"])
def test_other_files_are_refused(weights, write, content):
    with pytest.raises(DamagedModelError, match="neither a wheel nor"):
        unpack(write(content), weights.models.values(), "the file")

from pathlib import Path

import pytest

from voltgate.infrastructure.keyfile import KeyUnusable, read_or_create_key


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "station.key"
    key = read_or_create_key(file)
    assert len(key) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_or_create_key(file) == key


def test_a_damaged_key_is_never_replaced(tmp_path: Path) -> None:
    file = tmp_path / "station.key"
    file.write_bytes(b"short")
    with pytest.raises(KeyUnusable, match="damaged"):
        read_or_create_key(file)
    assert file.read_bytes() == b"short"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyUnusable, match="nowhere"):
        read_or_create_key(tmp_path / "nowhere" / "station.key")

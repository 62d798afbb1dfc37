"""Documents under `.mjsync/cache` that are damaged, hostile or behind a link."""

import pytest

from mjsync.api.pacing import Limits
from mjsync.session.connection import Access, _pacer
from mjsync.session.local_cache import PACE, LocalCache, account_name


@pytest.mark.parametrize("text", ["", "[]", "{", "\\xff", "[" * 100_000])
def test_a_document_that_cannot_be_read_is_none(tmp_path, text):
    """Text that is not JSON, or nested too deep, is as good as no document."""
    cache = LocalCache.of(tmp_path)
    cache.write("pace", {"rate": 1})
    (cache.folder / "pace.json").write_text(text)

    assert {} == cache.read("pace")


@pytest.mark.parametrize("linked", [".mjsync", ".mjsync/cache"])
def test_nothing_is_written_behind_a_symbolic_link(tmp_path, linked):
    """Where a commit made the cache a link to another folder, no document is kept."""
    root, outside = tmp_path / "project", tmp_path / "outside"
    (root / linked).parent.mkdir(parents=True)
    (outside / "cache").mkdir(parents=True)
    (root / linked).symlink_to(outside)
    LocalCache.of(root).write("pace", {"rate": 1})

    assert [] == [path for path in outside.rglob("*") if path.is_file()]


@pytest.mark.parametrize(("stored", "expected"), [(50, 50.0), (True, None), ("50", None), (0, None), (1e300, None)])
def test_a_remembered_rate_is_a_number(tmp_path, stored, expected):
    """A truth value, a text or a number out of range is not used as a rate."""
    access = Access("https://api.mailjet.com", ("public", "secret"), LocalCache.of(tmp_path))
    access.cache.write(account_name(PACE, access.base_url, "public"), {"rate": stored})

    assert expected == _pacer(access, Limits()).rate

"""A project on the emulator, with messages at times relative to now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mjsync.emulator import Emulator
from tests.terminal import Ran, run

BIG = 2**60
"""The first id of messages and campaigns here: beyond 2^53."""


def ago(**units: float) -> str:
    """Return a timestamp as Mailjet writes it, so long before now."""
    return (datetime.now(UTC) - timedelta(**units)).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Shop:
    """A project folder, and the account that it is for."""

    folder: Path
    emulator: Emulator

    def write(self, manifest: str) -> None:
        """Replace the manifest."""
        (self.folder / "manifests/a.yaml").write_text(manifest)

    def run(self, *arguments: str) -> Ran:
        """Run a command."""
        self.emulator.clear_requests()
        return run(*arguments, at=self.folder)

    @property
    def paths(self) -> list[str]:
        """Method and path of each request of the last command."""
        return [f"{each.method} {each.path.removeprefix('/v3/REST/')}" for each in self.emulator.requests]

    @property
    def receipt(self) -> str:
        """The id of the newest receipt."""
        return max(path.stem for path in self.folder.glob(".mjsync/receipts/*.json"))

    def load(self, **rows: list[dict]) -> None:
        """Replace the rows of these resources."""
        self.emulator.load({**self.emulator.state(), **rows})


@pytest.fixture
def shop(tmp_path, monkeypatch) -> Iterator[Shop]:
    """A project without entries."""
    policies = "delete: {lists: declared, segments: declared, templates: declared, webhooks: declared}\n"
    (tmp_path / "mjsync.yaml").write_text(f"version: 1\nmanifests: [manifests]\n{policies}")
    (tmp_path / "manifests").mkdir()
    with Emulator() as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        shop = Shop(tmp_path, emulator)
        shop.write("lists: {}\n")
        yield shop


def blocked(number: int, state: int, subject: str = "Your order", **row: object) -> dict:
    """Return a row of a blocked message, a few minutes old unless the row has another time."""
    base = {"ID": BIG + number, "CampaignID": BIG, "ContactID": 1, "MessageSize": 2048, "Status": "blocked"}
    return {**base, "StateID": state, "Subject": subject, "ArrivedAt": ago(minutes=5), **row}

"""Random histories of git: a plan deletes exactly what the deployed commit declared and the manifests no longer do."""

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from mjsync.engine.deployed import Deployed
from mjsync.history.repository import Repository
from mjsync.manifest.load import Source
from tests.stage import MAIN, Stage, actions, project

NAMES = ("a", "b", "c", "d", "e")
DECLARED = st.dictionaries(st.sampled_from(NAMES), st.booleans(), max_size=5)
"""Handle to whether the entry is protected."""
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("commit"), DECLARED),
        st.tuples(st.just("apply"), st.none()),
        st.tuples(st.just("make"), st.sampled_from(NAMES)),
        st.tuples(st.just("delete"), st.sampled_from(NAMES)),
        st.tuples(st.just("reset"), st.integers(0, 5)),
    ),
    min_size=1,
    max_size=12,
)
GIT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
AUTHOR = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")


@dataclass
class History:
    """A repository whose manifests declare segments, and an account; apply moves the deployed ref."""

    folder: Path
    stage: Stage = field(default_factory=lambda: Stage("segments: {}\n", project(segments="declared")))
    declared: dict[str, dict[str, bool]] = field(default_factory=dict)

    def git(self, *arguments: str) -> str:
        """Run git."""
        ended = subprocess.run(
            ["git", *AUTHOR, *arguments], cwd=self.folder, env={**os.environ, **GIT}, capture_output=True, check=True
        )
        return ended.stdout.decode().strip()

    def commit(self, entries: dict[str, bool]) -> None:
        """Commit manifests with these segments."""
        lines = [
            f"  {name}: {{expression: '(x={n})', protect: {str(entries[name]).lower()}}}"
            for n, name in enumerate(NAMES)
            if name in entries
        ]
        self.stage.manifest = "\n".join(["segments:", *lines]) + "\n" if lines else "segments: {}\n"
        (self.folder / "manifests").mkdir(exist_ok=True)
        (self.folder / "mjsync.yaml").write_text(self.stage.project)
        (self.folder / MAIN).write_text(self.stage.manifest)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "change")
        self.declared[self.git("rev-parse", "HEAD")] = entries

    def reset(self, back: int) -> None:
        """Reset the branch by some commits, and check out the manifests of that commit."""
        commits = self.git("rev-list", "HEAD").split()
        self.git("reset", "-q", "--hard", commits[min(back, len(commits) - 1)])
        self.stage.manifest = (self.folder / MAIN).read_text()

    @property
    def head(self) -> str:
        """Return the commit that is checked out."""
        return self.git("rev-parse", "HEAD")

    @property
    def repository(self) -> Repository:
        """Return the repository as mjsync finds it."""
        return Repository.of(self.folder.resolve())

    def deployed(self) -> Deployed | None:
        """Return what the commit of the deployed ref declared."""
        commit = self.repository.deployed("default")
        if commit is None:
            return None

        def make_source(file, environment):
            return Source(file, "default", environment, {}, {}, strict=False)

        return Deployed(commit, self.repository.desired_at(commit, "default", make_source)[0])

    def live(self) -> set[str]:
        """Return the names of live segments."""
        return {row["Name"] for row in self.stage.state("contactfilter") if row["Status"] != "deleted"}

    def made_by_hand(self, name: str) -> None:
        """Create a segment as somebody in Mailjet would; a deleted one still has its name."""
        if name not in {row["Name"] for row in self.stage.state("contactfilter")}:
            self.stage.emulator.insert("contactfilter", {"Name": name, "Expression": f"(x={NAMES.index(name)})"})

    def deleted_by_hand(self, name: str) -> None:
        """Delete a segment as somebody in Mailjet would."""
        for row in self.stage.state("contactfilter"):
            if row["Name"] == name and row["Status"] != "deleted":
                with self.stage.writer() as writer:
                    writer.delete(f"contactfilter/{row['ID']}")

    def check(self) -> None:
        """Check that the plan deletes what was dropped since the deployed commit, except what is protected."""
        deployed, now = self.deployed(), self.declared[self.head]
        plan = self.stage.plan(deployed=deployed)
        before = self.declared[deployed.commit] if deployed else {}
        dropped = (before.keys() - now.keys()) & self.live()

        assert {("delete", f"segment.{name}") for name in dropped} == {
            each for each in actions(plan) if each[0] == "delete"
        }
        assert {f"segment.{name}" for name in dropped if before[name]} == {
            guard.address for guard in plan.guards if guard.code == "protected"
        }
        ancestors = set().union(
            *(self.declared[each].keys() for each in self.git("rev-list", "--exclude=*.account", "--all").split())
        )
        assert dropped <= ancestors

    def apply(self) -> None:
        """Apply unless refused; a complete apply moves the ref."""
        plan = self.stage.plan(deployed=self.deployed())
        if not plan.is_refused:
            self.stage.apply(plan)
            self.repository.record("default", self.head)


@settings(max_examples=25)
@given(DECLARED, STEPS)
def test_deletes_are_exactly_what_was_dropped_since_the_deployed_commit(first, steps):
    """After any commits, resets, applies and edits in Mailjet, a plan deletes what was dropped since the deploy."""
    with TemporaryDirectory() as folder:
        history = History(Path(folder))
        history.git("init", "-q")
        history.stage.emulator.insert("contactmetadata", {"Name": "x", "Datatype": "int"})
        history.commit(first)
        for what, argument in steps:
            match what:
                case "commit":
                    history.commit(argument)
                case "apply":
                    history.apply()
                case "make":
                    history.made_by_hand(argument)
                case "delete":
                    history.deleted_by_hand(argument)
                case "reset":
                    history.reset(argument)
            history.check()

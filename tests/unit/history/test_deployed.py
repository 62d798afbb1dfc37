import pytest

from mjsync.errors import ManifestError
from mjsync.manifest.load import Source
from tests.unit.history.conftest import PROJECT, Clone, cloned


def declared(
    clone: Clone, commit: str, environment: str = "default", project: str = "", **environ: str
) -> dict[str, str] | None:
    """Return address to remote name of all that a commit declares."""

    def make_source(file, settings):
        return Source(file, environment, settings, environ, {}, strict=False)

    found = clone.repository(project).desired_at(commit, environment, make_source)
    if found is None:
        return None
    desired, _ = found
    return {str(address): entry.key for address, entry in desired.entries.items()}


BASE = {"mjsync.yaml": PROJECT, "manifests/lists.yaml": "lists:\n  a: {name: List A}\n  b: {}\n"}


def test_a_commit_declares_what_its_manifests_say(clone):
    """Handles and names are those of the commit."""
    old = clone.commit(BASE)
    new = clone.commit({"manifests/lists.yaml": "lists:\n  c: {name: List A}\n"})

    assert {"list.a": "List A", "list.b": "b"} == declared(clone, old)
    assert {"list.c": "List A"} == declared(clone, new)


def test_renamed_files_and_folders_declare_the_same(clone):
    """The path of a manifest does not matter."""
    old = clone.commit(BASE)
    clone.git("mv", "manifests", "elsewhere")
    clone.git("mv", "elsewhere/lists.yaml", "elsewhere/other.yaml")
    new = clone.commit({"mjsync.yaml": PROJECT.replace("[manifests]", "[elsewhere]")})

    assert declared(clone, old) == declared(clone, new)


def test_a_revert_declares_what_the_reverted_commit_replaced(clone):
    """After git revert the manifests declare what they did before."""
    old = clone.commit(BASE)
    clone.commit({"manifests/lists.yaml": "lists: {c: {}}\n"})
    clone.git("revert", "--no-edit", "HEAD")

    assert declared(clone, old) == declared(clone, clone.git("rev-parse", "HEAD"))


@pytest.mark.parametrize("how", ["squash", "rebase", "merge"])
def test_however_a_branch_lands_its_manifests_count(clone, how):
    """After a squash, rebase or merge the commit declares the same."""
    clone.commit(BASE)
    clone.git("checkout", "-q", "-b", "feature")
    clone.commit({"manifests/c.yaml": "lists: {c: {}}\n"})
    clone.commit({"manifests/c.yaml": "lists: {c: {name: Sea}}\n"})
    clone.git("checkout", "-q", "main")
    clone.commit({"manifests/d.yaml": "lists: {d: {}}\n"})
    if how == "squash":
        clone.git("merge", "-q", "--squash", "feature")
        clone.commit()
    elif how == "merge":
        clone.git("merge", "-q", "--no-edit", "feature")
    else:
        clone.git("rebase", "-q", "main", "feature")

    expected = {"list.a": "List A", "list.b": "b", "list.c": "Sea", "list.d": "d"}
    assert expected == declared(clone, clone.git("rev-parse", "HEAD"))


def test_a_commit_that_a_force_push_removed_is_still_read_through_its_ref(clone, tmp_path):
    """The deployed ref keeps its commit when no branch has it and git cleans up."""
    clone.commit(BASE)
    deployed = clone.commit({"manifests/c.yaml": "lists: {c: {}}\n"})
    clone.repository().record("default", deployed)
    clone.git("reset", "-q", "--hard", "HEAD~1")
    clone.git("reflog", "expire", "--expire=now", "--all")
    clone.git("gc", "-q", "--prune=now")
    ci = cloned(clone, tmp_path / "ci", "--depth=1")
    ci.git("fetch", "-q", "--depth=1", "origin", "+refs/mjsync/deployed/*:refs/mjsync/deployed/*")

    assert deployed == ci.repository().deployed("default")
    assert {"list.a", "list.b", "list.c"} == declared(ci, deployed).keys()


def test_environments_and_overlays_are_those_of_the_commit(clone):
    """Each environment is read with the overlays that its commit gave it."""
    environments = "environments:\n  staging: {overlays: [overlays/staging]}\n  production: {}\n"
    old = clone.commit(
        {
            **BASE,
            "mjsync.yaml": PROJECT + environments,
            "overlays/staging/x.yaml": "lists: {a: {name: Stage A}, b: null}\n",
        }
    )
    clone.commit({"mjsync.yaml": PROJECT, "overlays/staging/x.yaml": None})

    assert {"list.a": "Stage A"} == declared(clone, old, "staging")
    assert {"list.a": "List A", "list.b": "b"} == declared(clone, old, "production")


def test_two_environments_may_be_at_different_commits(clone):
    """Each environment has its own ref."""
    first = clone.commit(BASE)
    second = clone.commit({"manifests/c.yaml": "lists: {c: {}}\n"})
    repository = clone.repository()
    repository.record("production", first)
    repository.record("staging", second)

    assert (first, second) == (repository.deployed("production"), repository.deployed("staging"))


def test_neither_keys_nor_values_of_the_environment_are_needed(clone):
    """An unset variable hides no entry; a set one is used."""
    commit = clone.commit(
        {**BASE, "manifests/lists.yaml": "webhooks:\n  open: {url: 'https://x.example/${env.TOKEN}'}\n"}
    )

    assert {"webhook.open": "open"} == declared(clone, commit)


@pytest.mark.parametrize(
    "files",
    [{"other.txt": "x"}, {**BASE, "mjsync.yaml": PROJECT + "environments: {other: {}}\n"}],
    ids=["no project yet", "no such environment yet"],
)
def test_what_did_not_exist_yet_is_not_known(clone, files):
    """What a project or an environment that is newer than the commit declared is not known."""
    assert None is declared(clone, clone.commit(files), "production")


def test_invalid_manifests_stop_with_the_commit_and_a_way_out(clone):
    """Manifests that are invalid at the deployed commit are an error."""
    commit = clone.commit(
        {**BASE, "manifests/lists.yaml": "lists: [broken\n", "manifests/b.yaml": "lists: {x: {nam: y}}\n"}
    )

    with pytest.raises(ManifestError) as error:
        declared(clone, commit)
    findings = error.value.findings
    assert {"manifests/lists.yaml", "manifests/b.yaml"} == {each.location.file for each in findings if each.location}
    assert all(f"at the deployed commit {commit[:12]}" in each.message for each in findings)
    assert all("--deployed REV" in each.way_out for each in findings)


def test_manifests_of_a_submodule_are_declared(clone, tmp_path):
    """Manifests in a submodule are read at the commit that the project names."""
    shared = Clone(tmp_path / "shared")
    shared.folder.mkdir()
    shared.git("init", "-q")
    shared.commit({"lists.yaml": "lists: {shared: {}}\n"})
    clone.commit({"mjsync.yaml": PROJECT})
    clone.git("submodule", "-q", "add", str(shared.folder), "manifests")

    assert {"list.shared": "shared"} == declared(clone, clone.commit())

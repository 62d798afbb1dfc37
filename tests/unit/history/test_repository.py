import subprocess

import pytest

from mjsync.errors import GitError
from mjsync.history.git_command import REFS
from mjsync.session.git_record import find_repository
from tests.unit.history.conftest import Clone, cloned


def test_a_folder_outside_git_has_no_repository(tmp_path):
    """A folder outside a repository has none."""
    assert find_repository(tmp_path) is None


def test_a_repository_without_commits_has_no_head(clone):
    """Before the first commit there is a repository without a head."""
    assert clone.repository().head is None


def test_hooks_do_not_lead_to_another_repository(clone, monkeypatch, tmp_path):
    """Variables that git sets for hooks (GIT_DIR) are ignored."""
    from mjsync.history import git_command

    commit = clone.commit({"a": "1"})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    git_command._environment.cache_clear()

    assert commit == clone.repository().head


@pytest.mark.parametrize("folder", ["", "shops/mail", "with blank", ".hidden", "x.lock", "a..b"])
def test_each_project_and_environment_has_a_ref_that_git_allows(clone, folder):
    """The ref has the project folder (or root) and the environment, in a form that git allows."""
    commit = clone.commit({f"{folder}/mjsync.yaml" if folder else "mjsync.yaml": "v"})
    repository = clone.repository(folder)
    repository.record("staging", commit)

    assert commit == repository.deployed("staging")
    assert repository.deployed("production") is None
    assert repository.deployed_ref("staging") in clone.git("for-each-ref", "--format=%(refname)")
    if folder in ("", "shops/mail"):
        assert f"{REFS}/{folder or 'root'}/staging" == repository.deployed_ref("staging")


def test_the_folder_root_has_another_ref_than_the_root(clone):
    """The refs of the root and of a folder called `root` are different."""
    refs = {clone.repository().deployed_ref("e")}
    for folder in ("root", "root/a", "%72oot"):
        (clone.folder / folder).mkdir()
        refs.add(clone.repository(folder).deployed_ref("e"))

    assert 4 == len(refs)


def test_a_replaced_commit_is_read_as_it_was(clone):
    """A commit that `git replace` replaces is read unchanged."""
    deployed, other = clone.commit({"a": "1"}), clone.commit({"a": "2"})
    clone.git("replace", deployed, other)

    assert b"1" == clone.repository().tree(deployed).read("a")


def test_the_account_is_recorded_with_the_commit(clone):
    """The ref of the account is written with that of the commit; `git log` shows it."""
    first, second = clone.commit({"a": "1"}), clone.commit({"a": "2"})
    repository = clone.repository()
    repository.record("e", first, 123)
    assert (first, 123) == (repository.deployed("e"), repository.account("e"))
    assert "123" == clone.git("log", "-1", "--format=%s", "refs/mjsync/deployed/root/e.account")
    repository.record("e", second)

    assert (second, None) == (repository.deployed("e"), repository.account("e"))


def test_a_shallow_clone_names_the_fetch_that_works(clone, tmp_path):
    """In a clone of depth 1 the error for a missing commit has the fetch that brings it."""
    old = clone.commit({"a": "1"})
    clone.commit({"a": "2"})
    shallow = cloned(clone, tmp_path / "ci", "--depth=1")
    repository = shallow.repository()
    assert repository.is_shallow
    with pytest.raises(GitError) as error:
        repository.resolve(old)
    command = error.value.way_out.removeprefix("Run `").removesuffix("`.")
    assert f"git fetch --depth=1 origin {old}" == command
    subprocess.run(["sh", "-c", command], cwd=shallow.folder, check=True, capture_output=True)

    assert old == repository.resolve(old)
    assert b"1" == repository.tree(old).read("a")


@pytest.mark.parametrize("revision", ["HEAD~1", "v1", "origin/stable", "refs/mjsync/deployed/root/production"])
def test_every_sort_of_revision_has_a_fetch_that_works(clone, tmp_path, revision):
    """The fetch for tags, branches, ancestors and refs works in a clone of depth 1."""
    old = clone.commit({"a": "1"})
    clone.git("tag", "v1")
    clone.git("branch", "stable")
    clone.git("update-ref", "refs/mjsync/deployed/root/production", old)
    clone.commit({"a": "2"})
    shallow = cloned(clone, tmp_path / "ci", "--depth=1", "--no-tags")
    with pytest.raises(GitError) as error:
        shallow.repository().resolve(revision)
    command = error.value.way_out.removeprefix("Run `").removesuffix("`.")
    subprocess.run(["sh", "-c", command], cwd=shallow.folder, check=True, capture_output=True)

    assert old == shallow.repository().resolve(revision)


def test_an_abbreviated_commit_has_a_fetch_that_works(clone, tmp_path):
    """The fetch for an abbreviated commit works in a clone of depth 1."""
    old = clone.commit({"a": "1"})
    clone.commit({"a": "2"})
    shallow = cloned(clone, tmp_path / "ci", "--depth=1")
    with pytest.raises(GitError) as error:
        shallow.repository().resolve(old[:10])
    command = error.value.way_out.removeprefix("Run `").removesuffix("`.")
    subprocess.run(["sh", "-c", command], cwd=shallow.folder, check=True, capture_output=True)

    assert old == shallow.repository().resolve(old[:10])
    with pytest.raises(GitError, match="Run `git fetch origin`"):
        shallow.repository().resolve("0123456789")


@pytest.mark.parametrize("revision", ["--all", "", "-n"])
def test_a_revision_is_never_an_option_of_git(clone, revision):
    """A revision that begins with a dash, or is empty, is refused before git sees it."""
    clone.commit({"a": "1"})

    with pytest.raises(GitError, match="is not a revision"):
        clone.repository().resolve(revision)


def test_a_pushed_ref_arrives_whatever_the_remote_has(clone, tmp_path):
    """A push sets the remote's ref, forwards and backwards."""
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
    first, second = clone.commit({"a": "1"}), clone.commit({"a": "2"})
    clone.git("remote", "add", "origin", str(bare))
    clone.git("push", "-q", "origin", "main")
    repository, there = clone.repository(), Clone(bare)
    for commit in (second, first):
        repository.record("production", commit, 123)
        repository.push("production")
        assert commit == there.git("rev-parse", "refs/mjsync/deployed/root/production")
    ci = cloned(there, tmp_path / "ci", "--depth=1")
    ci.git("fetch", "-q", "--depth=1", "origin", "+refs/mjsync/deployed/*:refs/mjsync/deployed/*")
    assert (first, 123) == (ci.repository().deployed("production"), ci.repository().account("production"))


def test_a_push_without_a_remote_says_what_lacks(clone):
    """A push without a remote fails with the command that adds one."""
    clone.repository().record("production", clone.commit({"a": "1"}))

    with pytest.raises(GitError) as error:
        clone.repository().push("production")
    assert "Add one with `git remote add origin URL`." == error.value.way_out


FILES = {"p/mjsync.yaml": "v", "p/manifests/a.yaml": "lists: {}", "p/templates/a.html": "x", "other.txt": "y"}
READ = ["mjsync.yaml", "manifests/a.yaml", "templates/a.html"]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ({}, []),
        ({"other.txt": "changed", "p/report.html": "new", "p/.mjsync/run.json": "{}"}, []),
        ({"p/templates/a.html": "changed"}, ["templates/a.html"]),
        ({"p/manifests/b.yaml": None}, ["manifests/b.yaml"]),
    ],
    ids=["clean", "files that are not read", "a body", "a manifest deleted"],
)
def test_what_was_read_and_is_not_committed(clone, edit, expected):
    """Only files that are read are compared with the commit."""
    clone.commit({**FILES, "p/manifests/b.yaml": "lists: {}"})
    clone.put(edit)

    assert expected == clone.repository("p").uncommitted(READ)


def test_a_new_or_ignored_manifest_is_uncommitted(clone):
    """A manifest that git does not track is uncommitted, also an ignored one."""
    clone.commit({**FILES, ".gitignore": "ignored.yaml\n"})
    clone.put({"p/manifests/new.yaml": "lists: {}", "p/manifests/ignored.yaml": "lists: {}"})

    found = clone.repository("p").uncommitted([*READ, "manifests/new.yaml", "manifests/ignored.yaml"])
    assert ["manifests/ignored.yaml", "manifests/new.yaml"] == found


def test_a_file_that_git_does_not_look_at_is_uncommitted(clone):
    """Edits that `git update-index --assume-unchanged` hides are uncommitted."""
    clone.commit(FILES)
    clone.git("update-index", "--assume-unchanged", "p/manifests/a.yaml")
    clone.put({"p/manifests/a.yaml": "lists: {x: {}}"})

    assert ["manifests/a.yaml"] == clone.repository("p").uncommitted(READ)


def test_staged_changes_are_uncommitted(clone):
    """Staged changes are uncommitted."""
    clone.commit(FILES)
    clone.put({"p/manifests/a.yaml": "lists: {x: {}}"})
    clone.git("add", "-A")

    assert ["manifests/a.yaml"] == clone.repository("p").uncommitted(READ)


def test_line_ends_that_git_converts_are_no_change(clone):
    """A checkout with CRLF under autocrlf is not changed."""
    clone.git("config", "core.autocrlf", "true")
    clone.commit({**FILES, "p/manifests/a.yaml": "lists: {}\r\n"})

    assert [] == clone.repository("p").uncommitted(READ)


LINKED = {"p/mjsync.yaml": "v", "p/real/a.yaml": "lists: {}", "p/real/b.yaml": "lists: {}", "p/folder/x.txt": "x"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"p/real/a.yaml": "lists: {x: {}}"}, ["linked/a.yaml", "manifests/a.yaml"]),
        ({"p/real/b.yaml": "lists: {x: {}}"}, ["linked/b.yaml"]),
        ({"p/real/ignored.yaml": "lists: {x: {}}"}, ["linked/ignored.yaml"]),
        ("p/second", ["linked/a.yaml", "linked/b.yaml"]),
    ],
    ids=["clean", "through a file", "through a folder", "an ignored file", "a link between"],
)
def test_what_is_read_through_symlinks_is_compared_where_it_is(clone, change, expected):
    """A file that is read through a link is uncommitted where the link or its target differs."""
    clone.put({**LINKED, ".gitignore": "ignored.yaml\n", "p/manifests/c.yaml": "lists: {}"})
    for link, target in {"linked": "second", "second": "real", "manifests/a.yaml": "../real/a.yaml"}.items():
        (clone.folder / "p" / link).symlink_to(target)
    clone.commit()
    read = ["mjsync.yaml", "manifests/a.yaml", "linked/a.yaml", "linked/b.yaml"]
    if isinstance(change, str):
        (clone.folder / change).unlink()
        (clone.folder / change).symlink_to("folder")
    else:
        clone.put(change)
        read += [name for name in ("linked/ignored.yaml",) if "p/real/ignored.yaml" in change]

    assert [*expected] == clone.repository("p").uncommitted(read)


def test_all_is_uncommitted_before_the_first_commit(clone):
    """Without commits every file is uncommitted."""
    clone.put(FILES)

    assert sorted(READ) == clone.repository("p").uncommitted(READ)

import subprocess

import pytest

from mjsync.errors import ManifestError
from mjsync.manifest.loading.files import DiskTree
from tests.unit.history.conftest import Clone, cloned


def read_all(tree) -> dict[str, bytes]:
    """Return every file of a tree that can be read."""
    return {path: tree.read(path) for path in tree.files() if not path.endswith("/")}


def test_a_commit_reads_as_the_folder_did(clone):
    """A commit has the same files as its folder, byte by byte, with any names."""
    commit = clone.commit(
        {
            "mjsync.yaml": "version: 1\r\n",
            "manifests/ä b.yaml": "lists: {}\n",
            "manifests/deep/er/x.yaml": "",
            "with\ttab.html": "x",
            ".env": "SECRET=1",
            ".github/ci.yaml": "on: push",
        }
    )
    on_disk = read_all(DiskTree(clone.folder))
    clone.commit({"mjsync.yaml": None, "manifests/ä b.yaml": "changed"})

    assert on_disk == read_all(clone.repository().tree(commit))


def test_only_the_project_folder_is_read(clone):
    """A project below the root sees only its own files, by their path in the project."""
    commit = clone.commit({"shops/mail/mjsync.yaml": "a", "shops/other.yaml": "b", "mjsync.yaml": "c"})
    tree = clone.repository("shops/mail").tree(commit)

    assert {"mjsync.yaml": b"a"} == read_all(tree)
    with pytest.raises(ManifestError, match="leads out of the project"):
        tree.read("../other.yaml")


def test_links_are_followed_as_on_disk(clone):
    """Links are followed as on disk; those that lead outside are refused."""
    clone.commit({"project/real/a.yaml": "a", "project/real/sub/b.yaml": "b", "outside.yaml": "secret"})
    project = clone.folder / "project"
    (project / "file.yaml").symlink_to("real/a.yaml")
    (project / "folder").symlink_to("real")
    (project / "twice").symlink_to("folder/sub")
    (project / "real" / "up").symlink_to("..")
    (project / "escape").symlink_to("../")
    (project / "absolute.yaml").symlink_to("/etc/hostname")
    (project / "ring").symlink_to("ring")
    commit = clone.commit()
    tree, disk = clone.repository("project").tree(commit), DiskTree(project)

    def readable(files: list[str]) -> list[str]:
        return [path for path in files if "ring" not in path and "absolute" not in path]

    assert readable(list(disk.files())) == readable(list(tree.files()))
    for path in ("file.yaml", "folder/a.yaml", "twice/b.yaml", "folder/sub/b.yaml"):
        assert disk.read(path) == tree.read(path)
    for path in ("absolute.yaml", "ring", "escape/outside.yaml", "real/up/../../outside.yaml"):
        with pytest.raises(ManifestError):
            tree.read(path)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("gone.yaml", "missing-file"),
        ("manifests", "unreadable-file"),
        (".env", "hidden-file"),
        ("a/../..", "outside-project"),
    ],
)
def test_what_cannot_be_read_has_the_codes_of_the_disk(clone, path, code):
    """A missing file, a folder, a hidden file and a path that leads outside have different codes."""
    commit = clone.commit({"manifests/a.yaml": "a", ".env": "x"})

    with pytest.raises(ManifestError) as error:
        clone.repository().tree(commit).read(path)
    assert code == error.value.findings[0].code


def test_a_submodule_is_read_from_its_own_repository(clone, tmp_path):
    """Files of a submodule are those of the commit that the outer commit names, not those checked out."""
    shared = Clone(tmp_path / "shared")
    shared.folder.mkdir()
    shared.git("init", "-q")
    shared.commit({"lists.yaml": "old"})
    clone.commit({"mjsync.yaml": "v"})
    clone.git("submodule", "-q", "add", str(shared.folder), "manifests/shared")
    commit = clone.commit()
    inner = Clone(clone.folder / "manifests/shared")
    inner.commit({"lists.yaml": "new"})
    clone.commit()

    assert b"old" == clone.repository().tree(commit).read("manifests/shared/lists.yaml")


def test_a_submodule_that_is_not_checked_out_names_the_command(clone, tmp_path):
    """Files of a submodule that is not checked out are unreadable, with the command that gets it."""
    shared = Clone(tmp_path / "shared")
    shared.folder.mkdir()
    shared.git("init", "-q")
    shared.commit({"lists.yaml": "old"})
    clone.git("submodule", "-q", "add", str(shared.folder), "manifests/shared")
    commit = clone.commit({"mjsync.yaml": "v"})
    tree = cloned(clone, tmp_path / "bare-bones").repository().tree(commit)

    assert "manifests/shared/" in list(tree.files())
    with pytest.raises(ManifestError) as error:
        tree.read("manifests/shared/")
    assert "Run `git submodule update --init manifests/shared`." == error.value.findings[0].way_out


def test_a_large_file_is_refused_and_the_next_is_read(clone):
    """A file over the limit is refused, and the next one is read correctly."""
    commit = clone.commit({"large.html": "x" * (10 * 1024 * 1024 + 1), "small.html": "y"})
    tree = clone.repository().tree(commit)

    with pytest.raises(ManifestError, match="is the limit"):
        tree.read("large.html")
    assert b"y" == tree.read("small.html")


def test_a_thousand_files_start_two_processes(clone, monkeypatch):
    """Reading 1,000 manifests starts one process to list and one to read."""
    commit = clone.commit({f"manifests/{number // 50}/{number}.yaml": "lists: {}\n" * 40 for number in range(1000)})
    tree = clone.repository().tree(commit)
    started, popen = [], subprocess.Popen.__init__

    def count(process, command, *arguments, **options):
        started.append(command)
        popen(process, command, *arguments, **options)

    monkeypatch.setattr(subprocess.Popen, "__init__", count)

    assert 1000 == len(read_all(tree))
    assert len(started) <= 2, started

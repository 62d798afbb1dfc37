"""The project folder: links, sizes, and files that cannot be read."""

import os

import pytest

from mjsync.errors import ManifestError
from mjsync.manifest.load import Source, load
from mjsync.manifest.loading.files import MAX_FILE_BYTES, DiskTree, folder_of, write, write_new
from mjsync.manifest.project.settings import read_project
from tests.stage import PROJECT


@pytest.fixture
def folder(tmp_path):
    """A project with one manifest, and a folder outside of it."""
    root = tmp_path / "project"
    (root / "manifests").mkdir(parents=True)
    (root / "mjsync.yaml").write_text(PROJECT)
    (root / "manifests" / "main.yaml").write_text("templates: {t: {html: {file: t.html}}}\n")
    (root / "manifests" / "t.html").write_text("<p>")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.html").write_text("secret")
    (tmp_path / "outside" / "more.yaml").write_text("lists: {more: {}}\n")
    return root


def codes(root):
    """Return the codes of the findings."""
    try:
        project = read_project(DiskTree(root))
        load(Source(project, *next(iter(project.environments.items())), {}))
    except ManifestError as error:
        return [finding.code for finding in error.findings]
    return []


def test_as_it_should_be(folder):
    """A folder of plain files is read."""
    assert [] == codes(folder)


def test_a_body_that_links_outside(folder):
    """A symlink out of the project is refused."""
    (folder / "manifests" / "t.html").unlink()
    (folder / "manifests" / "t.html").symlink_to(folder.parent / "outside" / "secret.html")

    assert ["outside-project"] == codes(folder)


@pytest.mark.parametrize("name", [r"a\0.html", r"a\0/t.html"])
@pytest.mark.parametrize("first", ["t.html", "../mjsync.yaml"])
def test_a_body_whose_name_no_file_can_have(folder, name, first):
    """A NUL in a path is an error with a location."""
    bodies = f'{{html: {{file: {first}}}, text: {{file: "{name}"}}}}'
    (folder / "manifests" / "main.yaml").write_text(f"templates: {{t: {bodies}}}\n")

    assert ["missing-file"] == codes(folder)


def test_a_body_in_a_folder_that_links_outside(folder):
    """A symlinked folder that leads outside is refused."""
    (folder / "linked").symlink_to(folder.parent / "outside")
    (folder / "manifests" / "main.yaml").write_text("templates: {t: {html: {file: ../linked/secret.html}}}\n")

    assert ["outside-project"] == codes(folder)


@pytest.mark.parametrize("file", [".env", ".git/config", ".mjsync/receipts/run.json", "manifests/.t.html"])
def test_a_body_that_is_hidden(folder, file):
    """Hidden files are not read as bodies, neither by path nor by link, since they often have secrets."""
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text("token")
    (folder / "linked.html").symlink_to(folder / file)
    for named in (file, "linked.html"):
        (folder / "manifests" / "main.yaml").write_text(f"templates: {{t: {{html: {{file: ../{named}}}}}}}\n")

        assert ["hidden-file"] == codes(folder)


def test_what_is_hidden_is_no_manifest(folder):
    """Hidden files are not read as manifests."""
    (folder / "manifests" / ".more.yaml").write_text("nonsense: {}\n")
    assert [] == codes(folder)
    (folder / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests/.more.yaml]\n")

    assert ["no-manifest"] == codes(folder)


def test_a_body_that_links_inside(folder):
    """A symlink within the project is followed."""
    (folder / "manifests" / "t.html").rename(folder / "real.html")
    (folder / "manifests" / "t.html").symlink_to(folder / "real.html")

    assert [] == codes(folder)


def test_a_manifest_that_links_outside(folder):
    """A manifest that is a symlink out of the project is refused."""
    (folder / "manifests" / "more.yaml").symlink_to(folder.parent / "outside" / "more.yaml")

    assert ["outside-project"] == codes(folder)


def test_a_folder_of_manifests_that_links_outside(folder):
    """A symlinked folder of manifests that leads outside is an error."""
    (folder / "manifests" / "more").symlink_to(folder.parent / "outside")

    assert ["outside-project"] == codes(folder)


def test_a_folder_elsewhere_that_links_outside(folder):
    """A link that no pattern covers is ignored."""
    (folder / "vendor").symlink_to(folder.parent / "outside")

    assert [] == codes(folder)


def test_a_folder_of_manifests_that_links_inside(folder):
    """A symlinked folder within the project is read."""
    (folder / "shared").mkdir()
    (folder / "shared" / "more.yaml").write_text("lists: {a: {nam: x}}\n")
    (folder / "manifests" / "more").symlink_to(folder / "shared")

    assert ["unknown-key"] == codes(folder)


def test_links_in_a_circle(folder):
    """Folders with links to each other are read once."""
    (folder / "manifests" / "again").symlink_to(folder / "manifests")

    assert [] == codes(folder)


def test_a_broken_link(folder):
    """A broken link is an error."""
    (folder / "manifests" / "gone.yaml").symlink_to(folder / "nowhere.yaml")

    assert ["missing-file"] == codes(folder)


def test_a_link_to_itself(folder):
    """A link to itself is an error."""
    (folder / "manifests" / "loop.yaml").symlink_to("loop.yaml")

    assert ["unreadable-file"] == codes(folder)


def test_a_folder_that_looks_like_a_manifest(folder):
    """A folder with the name of a manifest is a folder."""
    (folder / "manifests" / "folder.yaml").mkdir()

    assert [] == codes(folder)


def test_a_body_that_is_a_folder(folder):
    """A folder as body is an error."""
    (folder / "manifests" / "t.html").unlink()
    (folder / "manifests" / "t.html").mkdir()

    assert ["unreadable-file"] == codes(folder)


@pytest.mark.parametrize("name", ["manifests/t.html", "manifests/main.yaml"])
def test_a_file_beyond_the_limit(folder, name):
    """A file over 10 MiB is refused before it is read."""
    with (folder / name).open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)

    assert ["file-too-large"] == codes(folder)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(folder):
    """A manifest without read permission is an error."""
    (folder / "manifests" / "main.yaml").chmod(0)

    assert ["unreadable-file"] == codes(folder)


def test_a_pipe(folder):
    """A named pipe is refused without waiting."""
    os.mkfifo(folder / "manifests" / "pipe.yaml")

    assert ["unreadable-file"] == codes(folder)


def test_hidden_folders_are_left_out(folder):
    """Folders whose names begin with a dot are not read."""
    (folder / "manifests" / ".old").mkdir()
    (folder / "manifests" / ".old" / "x.yaml").write_text("lists: {a: {nam: x}}\n")

    assert [] == codes(folder)


def test_paths_are_relative_with_slashes(folder):
    """Files are listed relative to the project, in path order."""
    assert ["manifests/main.yaml", "manifests/t.html", "mjsync.yaml"] == list(DiskTree(folder).files())


@pytest.mark.parametrize(
    ("pattern", "folder"),
    [
        ("manifests", "manifests"),
        ("./manifests/", "manifests"),
        ("a/b", "a/b"),
        (".", "."),
        ("a/main.yaml", "a"),
        ("main.yml", "."),
        ("a/*/b.yaml", "a"),
        ("a/b*/**", "a"),
        ("**/*.yaml", "."),
        ("a/[xy]", "a"),
    ],
)
def test_the_folder_of_a_pattern(pattern, folder):
    """All files of a pattern are in its folder."""
    assert folder == folder_of(pattern)


def test_links_that_lead_to_links_end(folder):
    """Links that multiply paths are refused."""
    for number in range(30):
        (folder / f"d{number}").mkdir()
        for name in ("a", "b"):
            (folder / f"d{number}" / name).symlink_to(folder / f"d{number + 1}")

    assert {"too-many-links"} == set(codes(folder))


class TestPreparedFiles:
    """Files that were written under another name are moved to their place."""

    @pytest.fixture
    def prepared(self, tmp_path):
        """A file of new content outside of the project's folders."""
        write_new(str(tmp_path / "prepared"), b"new")
        return tmp_path / "prepared"

    def test_it_is_moved(self, folder, prepared):
        """The file itself takes the place of the target, whose permissions stay; no other is written."""
        (folder / "manifests" / "t.html").chmod(0o640)
        number = prepared.stat().st_ino
        write(DiskTree(folder), {"manifests/t.html": b"new"}, {"manifests/t.html": str(prepared)})
        about = (folder / "manifests" / "t.html").stat()

        assert (number, 0o640) == (about.st_ino, about.st_mode & 0o777)
        assert b"new" == (folder / "manifests" / "t.html").read_bytes()

    def test_one_that_cannot_be_moved_is_written(self, folder, tmp_path):
        """Where it cannot be moved, as from another disk, the content is written as without it."""
        write(DiskTree(folder), {"manifests/new.html": b"new"}, {"manifests/new.html": str(tmp_path / "gone")})

        assert b"new" == (folder / "manifests" / "new.html").read_bytes()
        assert ["main.yaml", "new.html", "t.html"] == sorted(file.name for file in (folder / "manifests").iterdir())

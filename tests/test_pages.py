"""README and pages are current, and are scripts: each command runs as written and prints what is stated."""

import pytest

from tests import pages
from tests.generate_docs import DOCUMENTS, generated


@pytest.mark.parametrize("name", DOCUMENTS)
def test_generated_parts_are_current(name):
    """Generated tables and helps are current; `python -m tests.generate_docs` writes them."""
    text = DOCUMENTS[name].read_text(encoding="utf-8")

    assert generated(text) == text, "run `python -m tests.generate_docs` and commit what it writes"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_page_runs_as_written(name, tmp_path):
    """Each command ends as its line says and prints the text after it, which `python -m tests.generate_docs` writes."""
    markdown = DOCUMENTS[name].read_text(encoding="utf-8")

    assert markdown.split("\n") == pages.with_outputs(markdown, pages.run(name, markdown, tmp_path)).split("\n")


def test_a_command_that_ends_otherwise_is_found(tmp_path):
    """A page whose command fails, or does not fail as stated, does not pass."""
    for number, line in enumerate(("mjsync plan", "mjsync docs # exit 3")):
        folder = tmp_path / str(number)
        folder.mkdir()
        with pytest.raises(AssertionError, match="page"):
            pages.run("page", f"```sh\n{line}\n```\n", folder)


def test_another_output_is_found(tmp_path):
    """A stated output that is not what is printed is replaced, so that the page differs."""
    markdown = "```sh\nmjsync --version\n```\n\n```text\nmjsync 0.0\n```\n"

    assert markdown != pages.with_outputs(markdown, pages.run("page", markdown, tmp_path))

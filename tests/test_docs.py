"""The documents are complete: links, citations, and the help of every command."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import metadata
from pathlib import Path

import click
import pytest

from mjsync.cli import cli
from mjsync.cli.commands.docs import PAGES
from tests.generate_docs import DOCUMENTS, README
from tests.terminal import run
from tests.test_architecture import ROOMS

ROOT = README.parent
CONTRIBUTING = ROOT / ".github" / "CONTRIBUTING.md"
CONTEXT = click.Context(cli, help_option_names=["-h", "--help"])
FACTS = PAGES["mailjet-api"].read_text(encoding="utf-8")
CITATION = re.compile(r"mailjet-api\.md,? (?:sections? )?(\d+(?:\.\d+)?(?:(?:,| and) (?:rows? )?\d+(?:\.\d+)?)*)")


def _parameters(command: click.Command) -> list[click.Parameter]:
    return [parameter for parameter in command.params if isinstance(parameter, click.Option)]


def test_the_readme_is_short():
    """The README is short, and names the pages with the rest."""
    readme = README.read_text(encoding="utf-8")

    assert len(readme.encode()) < 12_000
    assert set(PAGES) == set(re.findall(r"\(mjsync/docs/([\w-]+)\.md\)", readme))


@pytest.mark.parametrize("path", [*DOCUMENTS.values(), CONTRIBUTING], ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    """Each relative link of a document is the path of a file, and an anchor is one of its headings."""
    text = path.read_text(encoding="utf-8")
    anchors = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }

    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", text):
        file, _, anchor = link.partition("#")
        if file:
            assert (path.parent / file).is_file(), link
        else:
            assert anchor in anchors


def test_each_dependency_has_its_licence_and_its_packages():
    """The table of the architecture page has the declared dependencies, each with the packages that import it."""
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    modules = {"mjml-python": "mjml", "ruamel.yaml": "ruamel", "ruamel.yaml.clib": "ruamel"}
    section = PAGES["architecture"].read_text(encoding="utf-8").partition("\n## Dependencies\n")[2]
    rows = [line.strip("| ").replace("`", "").split(" | ") for line in section.splitlines() if line.startswith("|")][2:]

    assert [re.match(r"[\w.-]+", each)[0] for each in stated] == [row[0] for row in rows]
    for name, licence, packages, _ in rows:
        homes = sorted(package for package, allowed in ROOMS.items() if modules.get(name, name) in allowed)
        assert homes == packages.split(", "), name
        assert licence.split("-")[0] in _licence(name), name


def _licence(name: str) -> str:
    about = metadata(name)
    texts = [about.get("License-Expression"), about.get("License"), *about.get_all("Classifier", [])]
    return " ".join(text for text in texts if text)


@pytest.mark.parametrize("page", [README, CONTRIBUTING], ids=lambda page: page.name)
def test_ci_runs_the_documented_test_command(page):
    """The test command of the README and of CONTRIBUTING is the one that CI runs."""
    line = next(line for line in page.read_text(encoding="utf-8").splitlines() if "-m pytest" in line)

    assert line in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", cli.list_commands(CONTEXT))
def test_each_command_has_help_with_an_example(name):
    """The help of every command, and of every command below it, shows how it is typed."""
    command = cli.get_command(CONTEXT, name)
    typed = {f"mjsync {name} {word}": each for word, each in getattr(command, "commands", {}).items()}
    if not typed or command.invoke_without_command:
        typed[f"mjsync {name}"] = command

    assert [] == [line for line, each in typed.items() if line not in (each.help or "")]


@pytest.mark.parametrize("name", cli.list_commands(CONTEXT))
def test_each_option_has_help(name):
    """No option goes without a word on what it does."""
    bare = [parameter.name for parameter in _parameters(cli.get_command(CONTEXT, name)) if not parameter.help]

    assert [] == bare


def test_the_licence_is_there():
    """The licence file is there."""
    assert Path(ROOT / "LICENSE").is_file()


@pytest.mark.parametrize("name", cli.list_commands(CONTEXT))
def test_examples_stand_on_lines_of_their_own(name):
    """The mark that keeps examples from being wrapped is not in the help."""
    context = click.Context(cli.get_command(CONTEXT, name), info_name=name, parent=CONTEXT)

    assert "\\b" not in context.get_help()


def _cited() -> Iterator[tuple[str, str, str]]:
    """Return file, section and row ("" where there is none) of every citation of the facts about Mailjet."""
    for path in sorted([*(ROOT / "mjsync").rglob("*"), *(ROOT / "tests").rglob("*")]):
        if path.suffix in (".py", ".toml"):
            for match in CITATION.finditer(path.read_text(encoding="utf-8")):
                sections, _, rows = match[1].partition("row")
                numbers = re.findall(r"\d+(?:\.\d+)?", sections)
                yield from ((path.name, number, "") for number in numbers)
                yield from ((path.name, numbers[-1], row) for row in re.findall(r"\d+", rows))


def test_every_citation_of_a_fact_about_mailjet_is_on_its_page():
    """Sections and rows that docstrings, comments and tables cite exist in mailjet-api.md."""
    sections = dict(re.findall(r"^##+ (\d+(?:\.\d+)?)\b.*\n((?:(?!##).*\n)*)", FACTS, re.MULTILINE))
    citations = set(_cited())

    assert len(citations) > 60
    assert [] == [cited for cited in sorted(citations) if cited[1] not in sections]
    assert [] == [cited for cited in sorted(citations) if cited[2] and f"\n| {cited[2]} |" not in sections[cited[1]]]


class TestDocsCommand:
    """`mjsync docs`."""

    def test_pages_are_listed_with_their_titles(self, tmp_path):
        """Each page has a line: the word that shows it, and what it is about."""
        ran = run("docs", at=tmp_path)

        assert 0 == ran.code
        assert list(PAGES) == [line.split()[0] for line in ran.out.splitlines()]
        assert "Mailjet's API: the facts this code relies on" in ran.out

    @pytest.mark.parametrize("page", PAGES)
    def test_a_page_is_shown_as_it_is(self, page, tmp_path):
        """The Markdown of a page is printed unchanged without a terminal."""
        assert PAGES[page].read_text(encoding="utf-8").strip() == run("docs", page, at=tmp_path).out.strip()

    def test_an_unknown_page_names_those_that_exist(self, tmp_path):
        """A typo is wrong use, and the message lists the pages."""
        ran = run("docs", "mailjet", at=tmp_path)

        assert 2 == ran.code
        assert "mailjet-api" in ran.err

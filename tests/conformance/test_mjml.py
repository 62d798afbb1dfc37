"""The HTML that we compile from MJML against that of the official compiler, where `npm ci` has installed it."""

import re
from collections import Counter
from pathlib import Path

import pytest
from lxml import html as parser

from mjsync.template_language.mjml_compiler import compile_mjml
from mjsync.template_language.node_compiler import NodeCompiler

CORPUS = Path(__file__).resolve().parent.parent / "corpus"
MODULES = Path(__file__).parent / "node"
FILES = sorted(CORPUS.glob("*.mjml"))
COUNTED = {"a", "div", "h1", "img", "li", "p", "table", "td", "th", "tr", "ul"}


@pytest.fixture(scope="module")
def official():
    """The official compiler."""
    if not (MODULES / "node_modules/mjml").is_dir():
        pytest.skip("the official compiler is not installed: npm ci in tests/conformance/node")
    return NodeCompiler.find(MODULES)


def include(path):
    """Return an included file of the corpus."""
    return (CORPUS / path).read_text("utf-8")


def content(html):
    """Return what readers see of HTML: text, links, images, and how many elements of each kind."""
    shown = re.sub(r"<!--\[if !mso\]><!-->|<!--<!\[endif\]-->|<!--.*?-->", "", html, flags=re.DOTALL)
    tree = parser.document_fromstring(shown)
    return {
        "text": " ".join(" ".join(tree.xpath("//body//text()[not(ancestor::style)]")).split()),
        "title": (tree.findtext(".//title") or "").strip(),
        "links": [each.get("href") for each in tree.xpath("//a")],
        "images": [(each.get("src"), each.get("alt") or "") for each in tree.xpath("//img")],
        "elements": Counter(each.tag for each in tree.iter() if each.tag in COUNTED),
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_readers_get_what_the_official_compiler_makes(official, file):
    """Text, links, images and structure are those of the official compiler."""
    source = file.read_text("utf-8")
    ours, theirs = compile_mjml(source, include), official.compile(source, include)

    assert content(theirs.html) == content(ours.html)


@pytest.mark.parametrize("part", ["<style>.button { mso-hide: all; }</style>", "Outlook -- only", "<b>square</b>"])
def test_outlook_gets_what_the_official_compiler_makes(official, part):
    """Conditional comments of the source, which are for Outlook, are in the HTML of both compilers."""
    source = (CORPUS / "outlook.mjml").read_text("utf-8")

    assert part in official.compile(source, include).html
    assert part in compile_mjml(source, include).html


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_windows_checkout_is_the_same_mail(file):
    """Every construct of the corpus compiles to the same HTML with LF and with CRLF line ends."""
    source = file.read_text("utf-8")
    lf = compile_mjml(source, include)
    crlf = compile_mjml(source.replace("\n", "\r\n"), lambda path: include(path).replace("\n", "\r\n"))

    assert () == lf.findings
    assert lf.html
    assert lf.html == crlf.html

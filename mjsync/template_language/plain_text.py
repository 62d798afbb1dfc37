"""Convert the HTML of a mail to plain text with inscriptis, template tags intact.

The tables of a mail are layout: a row becomes a line, or as many as its cells contain, and tags between rows, as in a
loop over rows, stay there. A link is followed by its address in parentheses. Hidden elements are left out, except for
the statements in them.
"""

import re
from typing import Any

from mjsync.template_language.markup import Closing, Element, ProtectedText, find_markers, protect_tags, restore, scan

_HIDDEN = re.compile(r"(?:^|;)\s*display\s*:\s*none", re.IGNORECASE)
_ROWS = ("table", "thead", "tbody", "tfoot", "tr")
_CELLS = ("td", "th")
# Control characters that no parser accepts, and the invisible characters that pad preheaders.
_CONTROL = dict.fromkeys([*range(9), 0xB, 0xC, *range(0xE, 0x20)])
_INVISIBLE = {**dict.fromkeys([0xAD, 0x34F, 0x200B, 0x200C, 0xFEFF]), 0xA0: " ", 0x2007: " "}
_REPEATED_ADDRESS = re.compile(r"(?<!\S)(\S{1,2000}+) \(\1\)")


def text_from_html(html: str) -> str:
    """Convert HTML to plain text; lines end with LF."""
    protected = protect_tags(html.translate(_CONTROL))
    text = _convert(_without_hidden(protected)).translate(_INVISIBLE)
    text = "\n".join(line.rstrip() for line in _REPEATED_ADDRESS.sub(r"\1", text).splitlines())
    text = re.sub(r"\n{3,}", "\n\n", text).strip("\n")
    return restore(text, protected.originals) + "\n" if text else ""


def _without_hidden(protected: ProtectedText) -> str:
    """Remove the elements that are not displayed, and keep the statements in them."""
    pieces: list[str] = []
    name, depth, start, done = "", 0, 0, 0
    for each in scan(protected):
        match each:
            case Element(is_whole=False) if depth:
                depth += each.name == name
            case Element(is_whole=False) if "style" in each.attributes:
                if _HIDDEN.search(each.attributes["style"].value):
                    name, depth, start = each.name, 1, each.start
            case Closing() if depth and each.name == name:
                depth -= 1
                if not depth:
                    hidden, originals = protected.text[start : each.end], protected.originals
                    tags = ((offset, originals[number]) for number, offset in find_markers(hidden))
                    statements = (hidden[at : at + len(tag)] for at, tag in tags if tag.startswith("{%"))
                    pieces += protected.text[done:start], *statements
                    done = each.end
    return "".join(pieces) + protected.text[done:]


def _convert(html: str) -> str:
    from inscriptis import get_text  # type: ignore[import-untyped]
    from inscriptis.css_profiles import STRICT_CSS_PROFILE  # type: ignore[import-untyped]
    from inscriptis.html_properties import Display  # type: ignore[import-untyped]
    from inscriptis.model.config import ParserConfig  # type: ignore[import-untyped]
    from inscriptis.model.html_element import HtmlElement  # type: ignore[import-untyped]
    from inscriptis.model.tag import CustomHtmlTagHandlerMapping  # type: ignore[import-untyped]

    css = {name: element.__copy__() for name, element in STRICT_CSS_PROFILE.items()}
    css |= {name: HtmlElement(display=Display.block) for name in _ROWS}
    cell = HtmlElement(prefix=" ", suffix=" ", limit_whitespace_affixes=True)
    css |= dict.fromkeys(_CELLS, cell)
    plain = dict.fromkeys((*_ROWS, *_CELLS))
    handlers = CustomHtmlTagHandlerMapping(
        start_tag_mapping={**plain, "a": _start_link, "img": _image},
        end_tag_mapping={**plain, "a": _end_link},
    )
    config = ParserConfig(css=css, custom_html_tag_handler_mapping=handlers)
    config.attribute_handler.attribute_mapping = {}  # styles would move text, and broken ones raise in inscriptis
    return str(get_text(html, config))


def _start_link(state: Any, attributes: Any) -> None:
    target = attributes.get("href", "").strip()
    state.link_target = "" if target.startswith("#") else target


def _end_link(state: Any) -> None:
    if state.link_target:
        state.tags[-1].write(f" ({state.link_target})")


def _image(state: Any, attributes: Any) -> None:
    state.tags[-1].write(attributes.get("alt", ""))

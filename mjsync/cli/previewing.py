"""Filling a part of a mail with the example data of its entry, as Mailjet would with the real ones."""

from mjsync.resources.desired import Entry
from mjsync.template_language.functions import RenderContext
from mjsync.template_language.parser import parse
from mjsync.template_language.rendering import render


def previewed(part: str, entry: Entry | None) -> str:
    """The part with its template language carried out; a tag that has no value stays as it is written."""
    if "{" not in part and "[[" not in part:
        return part
    variables = getattr(entry.resource, "variables", {}) if entry else {}
    examples = {name: variable.example for name, variable in variables.items() if variable.example is not None}
    return render(parse(part), RenderContext(variables=examples)).text

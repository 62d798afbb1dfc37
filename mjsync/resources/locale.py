"""The locale of an entry that declares one object for each of several languages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from mjsync.errors import Finding, Location


@dataclass(frozen=True, slots=True)
class Locale:
    """Which locale of an entry with several this is: the handle and the key it stands under.

    `texts` maps the name of each of its texts to where it stands; `used` are those that the entry asks for.
    """

    template_handle: str
    key: str
    texts: Mapping[str, Location] = field(default_factory=dict)
    used: frozenset[str] = frozenset()


def merge_locale_findings(findings: Iterable[Finding], locales: Mapping[str, Locale]) -> tuple[Finding, ...]:
    """Merge findings that several locales of one entry have at one location into the first, which names the others.

    `locales` are by address, as findings have it.
    """
    alike: dict[tuple[str | None, Finding], dict[str | None, Finding]] = {}
    for finding in findings:
        locale = locales.get(finding.address or "")
        about = locale.template_handle if locale else finding.address
        alike.setdefault((about, replace(finding, address=None)), {})[finding.address] = finding
    return tuple(_merge_findings(list(each.values()), locales) for each in alike.values())


def _merge_findings(alike: list[Finding], locales: Mapping[str, Locale]) -> Finding:
    first, *others = alike
    also = ", ".join(locales[finding.address or ""].key for finding in others)
    return replace(first, message=f"{first.message} (in {also} too)") if also else first

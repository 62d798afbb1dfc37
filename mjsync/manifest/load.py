"""The road from a project folder to what is asked: layers read, merged, checked, and held against each other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mjsync.errors import Finding, ManifestError, Severity
from mjsync.manifest.composition.bodies import Bodies, Converter
from mjsync.manifest.composition.defaults import apply_defaults, default_for
from mjsync.manifest.composition.entries import EntryBuilder
from mjsync.manifest.composition.locales import Locales
from mjsync.manifest.composition.locales import unused_removals as needless_null_locales
from mjsync.manifest.composition.parts import Parts
from mjsync.manifest.composition.placeholders import Expansion, Substitution
from mjsync.manifest.composition.translations import NO_TEXTS, TEXT, CatalogLoader
from mjsync.manifest.loading.files import Tree
from mjsync.manifest.loading.layers import PARTS, Layer, merge_layers, read_layer, unused_removals
from mjsync.manifest.project.settings import Environment, Project
from mjsync.manifest.suggestion import did_you_mean
from mjsync.resources import SECTIONS
from mjsync.resources.address import Address
from mjsync.resources.desired import Desired, Entry, Tombstone
from mjsync.resources.locale import merge_locale_findings


@dataclass(frozen=True, slots=True)
class Source:
    """What a load reads: a tree of files with its project, one environment of it, and the process's environment.

    `makers` make parts from others (MJML to HTML), by name. `strict` makes an unset environment variable an error.
    `secrets` gathers every value that came from the environment, also where the load fails.
    """

    tree: Tree
    project: Project
    name: str
    environment: Environment
    environ: Mapping[str, str]
    converters: Mapping[str, Converter] = field(default_factory=dict)
    strict: bool = True
    secrets: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is asked, what was found, and the values from the environment that must be masked.

    Where a finding is an error, `desired` lacks the entries it is about.
    """

    desired: Desired
    findings: tuple[Finding, ...]
    secrets: frozenset[str]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong: the findings are warnings."""
        return all(finding.severity != "error" for finding in self.findings)


def load(source: Source) -> Loaded:
    """Everything the manifests of one environment ask for. Raises ManifestError with all their problems at once."""
    loaded = read(source)
    if not loaded.is_whole:
        raise ManifestError(loaded.findings)
    return loaded


def read(source: Source) -> Loaded:
    """What the manifests of one environment ask for, as far as it can be read, and what is wrong with them."""
    findings: list[Finding] = []
    substitution = substitution_of(source, findings)
    locales = Locales(CatalogLoader(source.tree, substitution, findings))
    layer = locales.expand(layers_of(source, findings))
    parts = Parts(source.tree, substitution, layer.entries.get(PARTS, {}))
    bodies = Bodies(source.tree, substitution.looking_up({TEXT: NO_TEXTS.look_up}), parts)
    checker = EntryBuilder(bodies, source.converters, source.strict, locales.members)
    declared = [
        entry
        for section, kind in SECTIONS.items()
        for handle, node in layer.entries.get(section, {}).items()
        if (entry := checker.entry(kind, handle, node))
    ]
    findings += checker.findings
    entries = {entry.address: entry for entry in declared}
    stated = {
        Address(kind.kind, handle) for section, kind in SECTIONS.items() for handle in layer.entries.get(section, ())
    }
    findings += _lost_references(checker, stated)
    findings += _same_objects(declared)
    tombstones = _tombstones(layer)
    findings += _tombstone_problems(tombstones, declared, source.project)
    is_broken = any(finding.severity == "error" for finding in findings)
    findings += [each for each in parts.check() if not is_broken or each.severity == "error"]
    present = frozenset(kind.kind for section, kind in SECTIONS.items() if section in layer.present)
    desired = Desired(entries, tombstones, present, parts.shared)
    in_order = merge_locale_findings(sorted(findings, key=lambda finding: finding.sort_key), locales.by_address)
    return Loaded(desired, in_order, frozenset(substitution.secrets))


def substitution_of(source: Source, findings: list[Finding]) -> Substitution:
    """The vars of the environment, themselves substituted from the process's environment."""
    plain = Substitution({}, source.environ, secrets=source.secrets)
    variables, secret, lacking = {}, set(), set()
    for name, value in source.environment.vars.items():
        found = Expansion()
        text = str(value).lower() if isinstance(value, bool) else str(value)
        variables[name] = plain.apply(text, found)
        place = source.project.location_of("environments", source.name, "vars", name)
        findings += [problem.at(place) for problem in found.problems]
        severity: Severity = "error" if source.strict else "warning"
        findings += [
            Finding(
                "unset-environment",
                f"${{env.{unset}}} is not set in the environment",
                f"Export {unset}.",
                severity,
                location=place,
            )
            for unset in sorted(found.unset)
        ]
        if found.from_environment:
            secret.add(name)
        if not found.is_whole:
            lacking.add(name)
    return Substitution(variables, source.environ, frozenset(secret), frozenset(lacking), plain.secrets)


def layers_of(source: Source, findings: list[Finding]) -> Layer:
    """The base with the environment's overlays over it and defaults filled in; what is wrong goes into `findings`."""
    project = source.project
    patterns = [
        (name, project.location_of("manifests", str(index))) for index, name in enumerate(project.settings.manifests)
    ]
    layer = read_layer(source.tree, patterns, findings)
    for index, overlay in enumerate(source.environment.overlays):
        place = project.location_of("environments", source.name, "overlays", str(index))
        over = read_layer(source.tree, [(overlay, place)], findings)
        findings += unused_removals(layer, over)
        findings += needless_null_locales(layer, over)
        layer = merge_layers(layer, over)
    return apply_defaults(layer, project, findings)


def defaults_of(source: Source) -> Callable[[str, str], Mapping[str, Any]]:
    """What entries state unless they say otherwise, by their section and their file, placeholders replaced."""
    layer, substitution = layers_of(source, []), substitution_of(source, [])

    def values(section: str, file: str) -> Mapping[str, Any]:
        node = default_for(layer, section, file)
        found: Mapping[str, Any] = substitution.apply_within(node.value, lambda _: Expansion()) if node else {}
        return found

    return values


def _lost_references(checker: EntryBuilder, stated: set[Address]) -> list[Finding]:
    """References to what no manifest declares."""
    return [
        Finding(
            "unknown-reference",
            f"${{id.{target}}} names nothing that the manifests declare{did_you_mean(str(target), map(str, stated))}",
            "Declare it, or correct the reference.",
            address=str(address),
            location=place,
        )
        for address, target, place in checker.references
        if target not in stated
    ]


def _same_objects(entries: list[Entry]) -> list[Finding]:
    """Handles that mean one object, and names that differ in case alone where that is not safe."""
    findings, first = [], dict[tuple[str, str], Entry]()
    for entry in entries:
        folded = entry.key.lower() if entry.kind.names_ignore_case else entry.key
        other = first.setdefault((entry.address.kind, folded), entry)
        if other is not entry:
            what = f"{entry.address} and {other.address} are one object on the account ({entry.key})"
            findings.append(
                Finding(
                    "same-object",
                    f"{what}; the other stands at {other.location}",
                    "Keep one of them, or give one another name.",
                    address=str(entry.address),
                    location=entry.location,
                )
            )
    return findings


def _tombstones(layer: Layer) -> tuple[Tombstone, ...]:
    return tuple(
        Tombstone(kind.kind, name, kind.tombstone_key(name), node.locations.get(str(index), node.location))
        for section, kind in SECTIONS.items()
        if (node := layer.removed.get(section))
        for index, name in enumerate(node.value)
    )


def _tombstone_problems(tombstones: tuple[Tombstone, ...], entries: list[Entry], project: Project) -> list[Finding]:
    """Nothing stated is silently ignored: not under `never`, and not for what a manifest declares too."""
    declared = {(entry.address.kind, key): entry for entry in entries for key in entry.resource.former_keys}
    declared |= {(entry.address.kind, entry.key): entry for entry in entries}
    sections = {kind.kind: section for section, kind in SECTIONS.items()}
    findings = []
    for tomb in tombstones:
        section = sections[tomb.kind]
        if project.settings.policy(section) == "never":
            message = f"{tomb.name!r} is to be removed, but {section} are never deleted here"
            way_out = f"Add `delete: {{{section}: declared}}` to mjsync.yaml, or drop the line."
            findings.append(Finding("removed-never", message, way_out, location=tomb.location))
        if entry := declared.get((tomb.kind, tomb.key)):
            message = f"{tomb.name!r} is to be removed, but {entry.address} declares it at {entry.location}"
            findings.append(Finding("removed-declared", message, "Drop one of the two.", location=tomb.location))
    return findings

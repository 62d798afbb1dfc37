"""Load the manifests of one environment: read, merge, expand and validate them into desired resources."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from mjsync.errors import Finding, Location, ManifestError, Severity, has_errors
from mjsync.manifest import did_you_mean
from mjsync.manifest.composition.checks import approvals_of, find_conflicts, tombstones_of
from mjsync.manifest.composition.entries import Converter, EntryBuilder
from mjsync.manifest.composition.expand import Expanded, Expander, Placeholder, Resolver, SourceText, resolve_id
from mjsync.manifest.composition.inheritance import apply_defaults, default_for, expand_locales
from mjsync.manifest.composition.named_texts import NO_TEXTS, CatalogReader, PartResolver, check_parts, unused_parts
from mjsync.manifest.loading.layers import PARTS, Layer, merge_layers, read_layer
from mjsync.manifest.project.environments import Environment
from mjsync.manifest.project.settings import ProjectFile
from mjsync.resources import SECTIONS
from mjsync.resources.desired import Desired


@dataclass(frozen=True, slots=True)
class Source:
    """What a load reads: a project, one environment of it, and the environment variables.

    `converters` make parts from others (MJML to HTML), by name. `strict` makes an unset environment variable an error.
    Each value of an environment variable is added to `secrets`, to be masked even where the load fails. Unless it
    `reads_bodies`, a body file that is used as it is is not read, and a wrong one is found when its text is needed.
    """

    project: ProjectFile
    name: str
    environment: Environment
    environ: Mapping[str, str]
    converters: Mapping[str, Converter] = field(default_factory=dict)
    strict: bool = True
    secrets: set[str] = field(default_factory=set)
    reads_bodies: bool = True


def load(source: Source) -> Desired:
    """Load the manifests of one environment. Raises ManifestError with all their errors at once."""
    desired = read(source)
    if not desired.is_whole:
        raise ManifestError(desired.findings)
    return desired


def read(source: Source) -> Desired:
    """Load the manifests of one environment as far as possible; its findings are what is wrong."""
    expander, findings = expander_of(source)
    layer, variants = expand_locales(layers_of(source), CatalogReader(source.project.tree, expander))
    part_nodes = layer.entries.get(PARTS, {})
    parts = PartResolver(source.project.tree, expander, part_nodes, NO_TEXTS.resolve)
    builder = EntryBuilder(expander, parts, source.converters, variants, reads_bodies=source.reads_bodies)
    built = [
        builder.build(kind, handle, node)
        for section, kind in SECTIONS.items()
        for handle, node in layer.entries.get(section, {}).items()
    ]
    shared, part_findings = check_parts(parts)
    tombstones = tombstones_of(layer)
    approvals, wrong_approvals = approvals_of(layer)
    findings += [*layer.findings, *part_findings, *wrong_approvals]
    findings += [finding for each in built for finding in each.findings]
    findings += find_conflicts(built, tombstones, source.project, is_complete=layer.is_complete)
    if not has_errors(findings):
        findings += unused_parts(part_nodes, frozenset().union(*(each.parts for each in built)))
    present = frozenset(kind.name for section, kind in SECTIONS.items() if section in layer.present)
    entries = {each.address: each.entry for each in built if each.entry and not has_errors(each.findings)}
    return Desired(
        entries,
        tombstones,
        present,
        shared,
        approvals,
        tuple(each.entry for each in built if each.entry and each.address not in entries),
        tuple(sorted(dict.fromkeys(findings), key=lambda finding: finding.sort_key)),
    )


def expander_of(source: Source) -> tuple[Expander, list[Finding]]:
    """Return the expander of an environment, and what is wrong with the environment's vars."""
    variables = variables_of(source)
    return _expander(source, variables), [finding for value in variables.values() for finding in value.findings]


def variables_of(source: Source) -> dict[str, Expanded]:
    """Return the vars of an environment, with environment variables expanded."""
    expander, variables = _expander(source, {}), dict[str, Expanded]()
    for name, value in source.environment.vars.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        location = source.project.document.location_of("environments", source.name, "vars", name)
        variables[name] = expander.expand(SourceText(text, location))
    return variables


def expand_setting(text: str, location: Location, environ: Mapping[str, str], secrets: set[str]) -> Expanded:
    """Expand the environment variables of an account's setting, such as its key; unset ones are warnings."""
    return Expander({"env": _environment_resolver(environ, secrets, "warning")}).expand(SourceText(text, location))


def _expander(source: Source, variables: Mapping[str, Expanded]) -> Expander:
    def resolve_variable(placeholder: Placeholder) -> Expanded:
        name = placeholder.name
        if name in variables:
            return variables[name]._replace(findings=())
        message = f"{placeholder} is not set for environment {source.name}{did_you_mean(name, variables)}"
        way_out = f"Set vars: {{{name}: …}} of that environment in mjsync.yaml."
        return placeholder.failed(Finding("unset-variable", message, way_out))

    env = _environment_resolver(source.environ, source.secrets, "error" if source.strict else "warning")
    return Expander({"env": env, "id": resolve_id, "var": resolve_variable})


def _environment_resolver(environ: Mapping[str, str], secrets: set[str], severity: Severity) -> Resolver:
    """Resolve `${env.NAME}` to an environment variable; each value is added to `secrets`, the values to mask.

    `severity` is that of the finding for a variable that is not set.
    """

    def resolve(placeholder: Placeholder) -> Expanded:
        name = placeholder.name
        if name in environ:
            secrets.update({environ[name]} - {""})
            return placeholder.value(environ[name])
        message = f"{placeholder} is not set in the environment"
        location = placeholder.source.position_at(placeholder.offset).location
        finding = Finding("unset-environment", message, f"Export {name}.", severity, location=location)
        return placeholder.value(str(placeholder))._replace(findings=(finding,), is_complete=False)

    return resolve


def layers_of(source: Source) -> Layer:
    """Return the base with the environment's overlays over it and defaults filled in."""
    project, location_of = source.project, source.project.document.location_of
    manifests = enumerate(project.settings.manifests)
    layer = read_layer(project.tree, [(pattern, location_of("manifests", str(index))) for index, pattern in manifests])
    for index, pattern in enumerate(source.environment.overlays):
        location = location_of("environments", source.name, "overlays", str(index))
        layer = merge_layers(layer, read_layer(project.tree, [(pattern, location)]))
    return apply_defaults(layer, project)


def defaults_of(source: Source) -> Callable[[str, str], Mapping[str, Any]]:
    """Return a function that gives the defaults of a section's entries in a manifest file, placeholders replaced."""
    layer, (expander, _) = layers_of(source), expander_of(source)

    @cache
    def values(section: str, folder: str) -> Mapping[str, Any]:
        node = default_for(layer, section, folder)
        expanded: Mapping[str, Any] = expander.expand_value(node.value, node.location_of)[0] if node else {}
        return expanded

    return lambda section, file: values(section, file.rpartition("/")[0])

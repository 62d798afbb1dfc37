"""Write plans and findings as JUnit XML, for the test report of a CI system: what is refused or failed, fails."""

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from mjsync.engine.plan import Guard
from mjsync.errors import Finding
from mjsync.render.report import Report
from mjsync.render.text import once_per_group, visible
from mjsync.render.to_text import change_lines

ENDINGS = {"failed": "failure", "unknown": "error", "skipped": "skipped"}


def plan_suite(report: Report) -> Element:
    """Make a suite with a case for each change, and for each guard and unreadable kind that belongs to none."""
    plan = report.plan
    suite = Element("testsuite", name=report.title)
    refused: dict[str, list[Guard]] = {}
    for guard in report.standing:
        refused.setdefault(guard.address, []).append(guard)
    for change in plan.changes:
        case = _case(suite, change.kind.name, str(change.address))
        result = report.result(change)
        if guards := refused.pop(str(change.address), []):
            _refuse(case, guards)
        elif result and result.status in ENDINGS:
            message = visible(str(result.error)) if result.error else result.status
            SubElement(case, ENDINGS[result.status], message=message)
        SubElement(case, "system-out").text = "\n".join(visible(line) for line, _ in change_lines(change))
    for address, guards in refused.items():
        _refuse(_case(suite, "guard", address), guards)
    for kind, reason in plan.unreadable.items():
        SubElement(_case(suite, "unreadable", kind), "error", message=visible(str(reason)))
    if not len(suite):
        _case(suite, "plan", "in sync")
    approved = [f"approved: {visible(guard.address)}: {visible(guard.message)}" for guard in report.approved]
    _remark(suite, report.warnings, approved)
    return suite


def failed_suite(name: str, findings: Sequence[Finding]) -> Element:
    """Make the suite of an environment that has no plan: one case with an error."""
    suite = Element("testsuite", name=name)
    message = "; ".join(visible(str(finding)) for finding in once_per_group(findings)) or "there is no report"
    SubElement(SubElement(suite, "testcase", classname=name, name="plan"), "error", message=message)
    return suite


def findings_junit(findings: Iterable[Finding]) -> str:
    """Return a failed test case for each error; warnings stand in the output of the suite."""
    suite = Element("testsuite", name="mjsync validate")
    found = tuple(once_per_group(findings))
    for finding in found:
        if finding.severity == "error":
            case = _case(suite, finding.code, visible(str(finding.location or finding.address or finding.code)))
            SubElement(case, "failure", message=visible(str(finding)), type=finding.code)
    if not len(suite):
        _case(suite, "validate", "manifests")
    _remark(suite, [finding for finding in found if finding.severity == "warning"])
    return junit_document([suite])


def _refuse(case: Element, guards: Sequence[Guard]) -> None:
    """Add one failure for all guards: the format allows no more."""
    message = "; ".join(visible(guard.message) for guard in guards)
    failure = SubElement(case, "failure", message=message, type=f"guard-{guards[0].code}")
    failure.text = "\n".join(f"to allow it: {visible(guard.allow)}" for guard in guards)


def _case(suite: Element, classname: str, name: str) -> Element:
    return SubElement(suite, "testcase", classname=f"mjsync.{classname}", name=visible(name))


def _remark(suite: Element, warnings: Sequence[Finding], approved: Iterable[str] = ()) -> None:
    lines = [*approved, *(f"warning: {visible(str(finding))}" for finding in once_per_group(warnings))]
    if lines:
        SubElement(suite, "system-out").text = "\n".join(lines)


def junit_document(suites: Iterable[Element]) -> str:
    """Write suites as one document, with the number of their cases and of each outcome."""
    root = Element("testsuites")
    for suite in suites:
        for ending, plural in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            suite.set(plural, str(len(suite.findall(f"testcase/{ending}"))))
        suite.set("tests", str(len(suite.findall("testcase"))))
        root.append(suite)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'

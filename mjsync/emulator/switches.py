"""Switches for behaviour of Mailjet that is unknown or disputed; each default is the documented choice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Switch:
    """One open question about Mailjet: its default, what it decides, and where it is documented."""

    name: str
    default: Value
    decides: str
    source: str  # section and row of mjsync/docs/mailjet-api.md
    choices: tuple[str, ...] = ()


def _no(name: str, decides: str, source: str) -> Switch:
    return Switch(name, False, decides, source)  # noqa: FBT003 - a default, not an option


def _yes(name: str, decides: str, source: str) -> Switch:
    return Switch(name, True, decides, source)  # noqa: FBT003 - a default, not an option


_ALL = (
    _no("total_counts_all", "a listing's Total is the number of matches instead of the page's size", "19, row 1"),
    Switch("rate_limit", 0, "calls per second and key before 429; 0 is no limit", "19, row 2"),
    Switch("rate_limit_burst", 0, "calls that may come at once; 0 is one second's worth", "19, row 2"),
    Switch("rate_limit_body", "text", "the body of a 429", "19, row 2", ("text", "html", "json")),
    _no("rate_limit_retry_after", "a 429 has the header Retry-After", "19, row 2"),
    _yes(
        "unchanged_put_is_304",
        "a PUT that changes nothing answers 304 on properties, segments, webhooks and parse routes",
        "19, row 4",
    ),
    _no("unchanged_template_put_is_304", "the same on templates and their content", "19, row 4"),
    _no("segment_put_only_when_deleted", "a segment that is not deleted refuses PUT", "19, row 5"),
    _yes("deleted_segment_blocks_name", "the name of a deleted segment is still taken", "19, row 6"),
    _no("deleted_segments_listed", "the listing shows deleted segments when ShowDeleted is not sent", "19, row 7"),
    _yes("segment_syntax_checked", "an expression with a syntax error is refused", "19, row 8"),
    _no("segment_properties_checked", "an expression that names an undefined property is refused", "19, row 8"),
    _no("used_segment_delete_refused", "a segment a campaign draft names cannot be deleted", "19, row 9"),
    _no("list_duplicate_is_mj18", "the error for a duplicate list name follows the MJ18 pattern", "19, row 10"),
    _no("list_restore_takes_name", "a deleted list comes back although a live one has its name", "19, row 11"),
    _yes("deleted_lists_expire", "a list deleted more than 30 days ago is gone: 404", "19, row 11"),
    _no("deleted_lists_listed", "the listing shows deleted lists when IsDeleted is not sent", "19, row 12"),
    _no("list_names_ignore_case", "two live lists may not differ in case alone", "19, row 10"),
    _no("property_names_ignore_case", "two properties may not differ in case alone", "19, row 13"),
    _no("property_names_lower_case_only", "a property name with a capital is refused", "19, row 13"),
    _no("property_type_change_refused", "Datatype cannot be changed", "19, row 14"),
    _no("used_property_delete_refused", "a property a segment uses cannot be deleted", "19, row 15"),
    Switch("template_edit_mode_default", 1, "EditMode of a template created without one", "19, row 17"),
    _no("empty_content_is_404", "detailcontent before any content is 404 instead of all null", "19, row 18"),
    _no("content_post_keeps_headers", "a content POST without Headers keeps them", "19, row 19"),
    _no("mjml_only_refused", "content with MJMLContent but no Html-part is refused", "19, row 20"),
    _no("mjml_compiled", "MJML without Html-part gets an Html-part made by the server", "19, row 20"),
    _no("mjml_part_accepted", "the body name Mjml-part means MJMLContent", "19, row 21"),
    _no("deleted_template_blocks_name", "the name of a deleted template is still taken", "19, row 23"),
    _no("template_categories_checked", "a category outside the documented ones is refused", "19, row 24"),
    _no("webhook_types_seven_only", "only the seven event types staff named are accepted", "19, row 25"),
    _no("webhook_without_type_is_open", "EventType left out means open instead of a refusal", "19, row 27"),
    _yes("root_urls_refused", "a URL without a path is refused", "19, row 28"),
    _no("parse_route_domains_checked", "a parse route's domain must be one of the senders'", "19, row 30"),
    _no("parse_routes_need_plan", "the account's plan has no inbound mail: parse route writes are 403", "19, row 30"),
    _no("read_only_refused", "a read-only property in a body is refused with MJ19", "19, row 31"),
    _no("unknown_property_ignored", "an unknown property in a body is ignored", "19, row 32"),
    _no("limit_over_1000_refused", "a Limit beyond 1000 is refused instead of cut", "19, row 33"),
    _no("content_type_needed", "a body without a JSON Content-Type is refused", "19, row 33"),
    _yes("read_only_put_is_304", "a PUT of nothing but read-only properties is 304 instead of 200", "19, row 34"),
    _no("operation_refusal_is_empty", "the 401 of an operation not allowed has no body", "19, row 37"),
    _no("sandbox_checks_sender", "a sandbox send needs an active sender or domain in From", "23, row 8"),
    _no("values_trimmed", "leading and trailing spaces of names and descriptions are removed", "5.2"),
    _no("crlf_becomes_lf", "content comes back with LF line ends", "5.2"),
    _no("expression_normalised", "a segment's keywords come back in capitals, single spaces", "20, row 9"),
    Switch("latency", 0, "seconds from a request's arrival to its response, the handling included", "6"),
    _no("restless", "runtime fields change with every read, as on a busy account", "20, row 1"),
)

SWITCHES: Mapping[str, Switch] = {each.name: each for each in _ALL}


class Settings:
    """The switch values of one emulator."""

    def __init__(self, values: Mapping[str, Value] | None = None) -> None:
        self._values: dict[str, Value] = {}
        for name, value in (values or {}).items():
            self.set(name, value)

    def set(self, name: str, value: Value | None) -> None:
        """Set a switch; None restores its default.

        Raises:
            ValueError: there is no such switch, or the value does not fit it.
        """
        if name not in SWITCHES:
            raise ValueError(f"switch {name} does not exist; there are: {', '.join(SWITCHES)}")
        self._values[name] = SWITCHES[name].default if value is None else _fit(SWITCHES[name], value)

    def on(self, name: str) -> bool:
        """Return whether a boolean switch is true."""
        return bool(self[name])

    def __getitem__(self, name: str) -> Value:
        return self._values.get(name, SWITCHES[name].default)

    def as_dict(self) -> dict[str, Value]:
        """Return every switch with its value."""
        return {name: self[name] for name in SWITCHES}


def parse_setting(text: str) -> tuple[str, Value]:
    """Parse a setting written `name=value` into name and value.

    Raises:
        ValueError: there is no such switch, or the value does not fit it.
    """
    name, _, value = text.partition("=")
    Settings({name.strip(): value.strip()})
    return name.strip(), value.strip()


def _fit(switch: Switch, value: Value) -> Value:
    """Convert a value to the type of the switch's default."""
    word = str(value).casefold()
    if isinstance(switch.default, bool):
        if word not in {"true", "false", "1", "0"}:
            raise ValueError(f"{switch.name} must be true or false, not {value}")
        return word in {"true", "1"}
    if isinstance(switch.default, int):
        try:
            return float(value)
        except ValueError:
            raise ValueError(f"{switch.name} must be a number, not {value}") from None
    if switch.choices and word not in switch.choices:
        raise ValueError(f"{switch.name} must be one of {', '.join(switch.choices)}, not {value}")
    return word

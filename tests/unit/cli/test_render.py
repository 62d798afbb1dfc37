"""`mjsync render`: one template filled and printed, or the error that Mailjet would report."""

import email
import json
from datetime import UTC, datetime
from email.policy import default

import pytest

from tests.terminal import run

MANIFEST = """\
templates:
  order:
    from: {name: 'The "Shop"', email: shop@example.com}
    reply_to: help@example.com
    subject: 'Order {{var:number}} für {{data:first_name:"you"}}'
    headers: {X-Campaign: orders, X-Token: '${env.TOKEN}', Content-Type: text/x, To: eve@example.com}
    html: {file: ../order.html}
    text: 'Order {{var:number}}'
    variables: {number: {type: str, example: A-1}, total: {type: int}}
  compiled:
    mjml: {file: ../compiled.mjml}
  inline:
    subject: 'Order {{var:absent}}'
"""
MJML = (
    "<mjml>\n<mj-body><mj-section><mj-column>\n<mj-text>{{var:gone}}</mj-text>\n"
    "</mj-column></mj-section></mj-body></mjml>"
)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with templates of each kind."""
    monkeypatch.setenv("TOKEN", "very-secret-token")
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [m]\nenvironments: {one: {}, two: {}}\n")
    (tmp_path / "m").mkdir()
    (tmp_path / "m/main.yaml").write_text(MANIFEST, encoding="utf-8")
    (tmp_path / "order.html").write_bytes(b"<p>{{var:number}}</p>\r\n<p>{{mj:contact.email}}\n{{var:total:0}}</p>")
    (tmp_path / "compiled.mjml").write_text(MJML)
    return tmp_path


def message(project, *arguments):
    """Return the message file as the standard library parses it."""
    return email.message_from_string(
        run("render", "order", "--format", "eml", *arguments, at=project).out, policy=default
    )


def test_a_message_is_whole(project):
    """A message has a date and both parts unchanged, and its parser finds no defect."""
    (project / "m/main.yaml").write_text(
        "templates:\n  order:\n    from: {name: 'Käse, \"Laden\"', email: a@example.com}\n    subject: Grüße\n"
        "    headers: {MIME-Version: '2', Content-Transfer-Encoding: x, Date: never}\n"
        "    html: <p>é €</p>\n    text: 'From here\n\n      .\n\n      é'\n",
        encoding="utf-8",
    )
    made = message(project)
    sender = made["From"].addresses[0]

    assert (datetime.now(UTC) - made["Date"].datetime).total_seconds() < 60
    assert ('Käse, "Laden"', "a@example.com", "Grüße") == (sender.display_name, sender.addr_spec, made["Subject"])
    assert ["1.0"] == made.get_all("MIME-Version")
    assert ("From here\n.\né\n", "<p>é €</p>\n") == tuple(
        made.get_body((word,)).get_content() for word in ("plain", "html")
    )
    assert [] == [defect for each in made.walk() for defect in each.defects]


def test_a_part_is_printed_to_the_byte(project):
    """A part is filled with examples and printed without an added line end."""
    ran = run("render", "order", "--part", "html", at=project)

    assert (0, "<p>A-1</p>\r\n<p>{{mj:contact.email}}\n0</p>") == (ran.code, ran.out)


def test_variables_stand_over_the_examples(project):
    """Variables that --vars does not set have their example."""
    (project / "v.yaml").write_text("total: 7\n")

    assert (
        "<p>A-1</p>\r\n<p>{{mj:contact.email}}\n7</p>"
        == run("render", "order", "--part", "html", "--vars", str(project / "v.yaml"), at=project).out
    )


def test_the_contact_fills_properties_and_its_own_names(project):
    """--contact has the values of data: and mj:contact."""
    (project / "c.json").write_text('{"first_name": "Ada", "email": "ada@example.com"}')
    ran = run("render", "template.order", "--contact", str(project / "c.json"), "--format", "json", at=project)
    parts = json.loads(ran.out)

    assert "Order A-1 für Ada" == parts["subject"]
    assert "ada@example.com" in parts["html"]


def test_a_missing_variable_is_the_error_mailjet_would_mail(project):
    """A missing variable is reported at the part's location, with exit code 4."""
    ran = run("render", "inline", at=project)

    assert (4, "") == (ran.code, ran.out)
    assert "m/main.yaml:13:5: template.inline: " in ran.err
    assert "expression parsing error ## Unknown identifier: var:absent ## near ## {{var:absent ##" in ran.err


def test_an_error_in_compiled_html_stands_in_the_mjml(project):
    """A finding in HTML made from MJML has the location of its tag in the MJML."""
    assert "compiled.mjml:3:10: " in run("render", "compiled", at=project).err


def test_other_parts_do_not_fail_the_one_asked_for(project):
    """--part looks at that part only."""
    (project / "order.html").write_text("{{var:gone}}")

    assert 0 == run("render", "order", "--part", "text", at=project).code


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ordr",), "did you mean 'order'?"),
        (("template.ordr",), "did you mean 'order'?"),
        (("compiled", "--part", "text"), "has no text"),
        (("order", "--part", "text", "--format", "eml"), "exclude one another"),
    ],
)
def test_wrong_use(project, arguments, message):
    """Wrong arguments end with 2, and the message names what is wrong or what exists."""
    ran = run("render", *arguments, at=project)

    assert 2 == ran.code
    assert message in ran.err


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("v.json", '{"a": }', "v.json:1:7: not valid JSON"),
        ("v.yaml", "- a\n", "is not a mapping"),
        ("v.yaml", "a: [\n", "not valid YAML"),
    ],
)
def test_values_that_cannot_be_read(project, name, text, message):
    """A file of values that cannot be read is reported with its reason."""
    (project / name).write_text(text)
    ran = run("render", "order", "--vars", str(project / name), at=project)

    assert 4 == ran.code
    assert message in ran.err


def test_a_message_has_both_parts_in_order_of_preference(project):
    """A mail client shows the last part it can."""
    made = message(project)

    assert ["text/plain", "text/html"] == [part.get_content_type() for part in made.iter_parts()]
    assert "<p>A-1</p>" in made.get_body(("html",)).get_content()


def test_headers_of_a_message(project):
    """Quotes and non-ASCII letters in names are kept; headers of the structure or the environment are not set."""
    made = message(project)

    assert {
        "From": '"The \\"Shop\\"" <shop@example.com>',
        "To": "reader@example.com",
        "Reply-To": "help@example.com",
        "Subject": "Order A-1 für you",
        "X-Campaign": "orders",
        "X-Token": None,
    } == {name: made[name] for name in ("From", "To", "Reply-To", "Subject", "X-Campaign", "X-Token")}
    assert "multipart/alternative" == made.get_content_type()


def test_a_line_end_in_a_value_makes_no_header(project):
    """A line end in a value does not add a header to the message."""
    (project / "v.yaml").write_text('number: "1\\nBcc: eve@example.com"\n')
    made = message(project, "--vars", str(project / "v.yaml"))

    assert None is made["Bcc"]
    assert "Order 1 Bcc: eve@example.com für you" == made["Subject"]


@pytest.mark.parametrize(("arguments", "expected"), [((), "-"), (("--segment", "vip"), "VIP")])
def test_the_contact_is_in_the_segments_that_are_named(project, arguments, expected):
    """The contact is in the segments that are given; without any, in none."""
    (project / "m/main.yaml").write_text("templates: {a: {html: '{% if segment:vip %}VIP{% else %}-{% endif %}'}}\n")

    ran = run("render", "a", "--part", "html", *arguments, at=project)

    assert (0, expected) == (ran.code, ran.out)


def test_what_blocks_two_parts_is_told_once(project):
    """A finding that the text has from the HTML is reported once."""
    (project / "m/main.yaml").write_text("templates: {a: {html: '{{var:a}}', text: auto}}\n")

    assert 1 == len(json.loads(run("render", "a", "--format", "json", at=project).out)["findings"])


def test_errors_of_other_templates_do_not_matter(project):
    """Errors of other templates do not stop `render`; of the rendered one, only its own are printed."""
    with (project / "m/main.yaml").open("a", encoding="utf-8") as file:
        file.write("  broken: {mjml: '<mjml'}\n  other: {html: {file: nowhere.html}}\nlists: {a: {nmae: x}}\n")
    ran = run("render", "broken", at=project)

    assert 0 == run("render", "order", at=project).code
    assert (4, 1) == (ran.code, len(ran.err.splitlines()))
    assert "template.broken: " in ran.err


def test_a_template_that_a_broken_file_may_declare(project):
    """Where manifests cannot be read completely, that is the error, not that the template does not exist."""
    (project / "m/other.yaml").write_text("lists: {a: [}\n")

    assert 0 == run("render", "order", at=project).code
    assert 4 == run("render", "elsewhere", at=project).code
    (project / "m/other.yaml").write_text("lists: {}\n")
    assert 2 == run("render", "elsewhere", at=project).code

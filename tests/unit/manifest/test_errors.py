"""Findings of manifests: code, location and way out of each, all at once."""

import pytest

from mjsync.errors import Location, ManifestError
from tests.stage import MAIN, PROJECT, Stage


def problems(manifest, **settings):
    """Return code and location of each finding."""
    return [
        (finding.code, f"{finding.location.line}:{finding.location.column}")
        for finding in Stage(manifest, **settings).findings()
    ]


class TestKeys:
    """Unknown and duplicate keys."""

    @pytest.mark.parametrize(
        ("manifest", "message", "place"),
        [
            ("list: {}\n", "unknown section 'list'; did you mean 'lists'?", "1:1"),
            ("lists:\n  a: {nam: x}\n", "unknown key 'nam'; did you mean 'name'?", "2:7"),
            ("templates:\n  t:\n    from: {emial: a@b.c}\n", "unknown key 'emial'; did you mean 'email'?", "3:12"),
            (
                "templates:\n  t:\n    variables: {n: {tipe: str}}\n",
                "unknown key 'tipe'; did you mean 'type'?",
                "3:21",
            ),
            ("templates:\n  t:\n    html: {fil: x}\n", "unknown key 'fil'; did you mean 'file'?", "3:12"),
            (
                "lists: {}\nremoved: {list: [a]}\n",
                "unknown section 'list' under removed; did you mean 'lists'?",
                "2:11",
            ),
            ("webhooks:\n  bounce: {url: https://a.b/c, name: x}\n", "unknown key 'name'", "2:32"),
            ("webhooks:\n  bounce: {url: https://a.b/c, renamed_from: x}\n", "unknown key 'renamed_from'", "2:32"),
            ("parse_routes:\n  a@b.c: {url: https://a.b/c, name: x}\n", "unknown key 'name'", "2:31"),
        ],
    )
    def test_an_unknown_key(self, manifest, message, place):
        """An unknown key is an error with its location and the nearest key."""
        finding = next(each for each in Stage(manifest).findings() if each.code == "unknown-key")

        assert (message, place) == (finding.message, f"{finding.location.line}:{finding.location.column}")

    def test_an_unknown_key_of_the_project(self):
        """An unknown key of the project file is an error."""
        with pytest.raises(ManifestError) as caught:
            Stage("lists: {}", project=PROJECT + "enviroments: {}\ndelete: {list: all}\n").load()

        assert ["did you mean 'lists'?", "did you mean 'environments'?"] == [
            finding.message.partition("; ")[2] for finding in caught.value.findings
        ]

    def test_a_key_that_stands_twice(self):
        """A duplicate key is an error with both locations."""
        findings = Stage("lists:\n  a: {}\n  a: {}\n").findings()

        assert ["duplicate-key"] == [finding.code for finding in findings]
        assert f"first at {MAIN}:2:3" in findings[0].message
        assert Location(MAIN, 3, 3) == findings[0].location

    def test_a_handle_in_two_files(self):
        """One handle in two files of a layer is an error with both locations."""
        files = {"manifests/a.yaml": "lists: {news: {}}\n", "manifests/b.yaml": "lists:\n  news: {}\n"}
        finding = Stage(files=files).findings()[0]

        assert ("duplicate-handle", "manifests/b.yaml:2:3") == (finding.code, str(finding.location))
        assert "first at manifests/a.yaml:1:9" in finding.message

    def test_several_handles_of_a_kind_in_two_files(self):
        """Entries of several files are combined."""
        files = {"manifests/a.yaml": "lists: {one: {}}\n", "manifests/b.yaml": "lists: {two: {}}\n"}

        assert 2 == len(Stage(files=files).load().entries)


class TestHandles:
    """What may stand as a handle."""

    @pytest.mark.parametrize("handle", ["a b", "a/b", "ä", "a:b", "a" * 129, "x\u202ey"])
    def test_not_a_handle(self, handle):
        """Handles have letters, digits and ._@+- only, at most 128."""
        assert ["handle"] == Stage(f"lists:\n  {handle!r}: {{}}\n".replace("'", '"')).codes()

    @pytest.mark.parametrize("handle", ["a", "A.b_c@d+e-f", "0", "a" * 128, "no", "null"])
    def test_a_handle(self, handle):
        """Words of YAML such as `no` are handles."""
        assert [] == Stage(f"lists:\n  {handle}: {{}}\n").codes()

    def test_two_handles_of_one_name(self):
        """Two handles with one remote name are an error that names the other."""
        finding = Stage("lists:\n  a: {name: News}\n  News: {}\n").findings()[0]

        assert ("same-object", f"{MAIN}:3:3") == (finding.code, str(finding.location))
        assert f"{MAIN}:2:3" in finding.message

    def test_two_webhooks_of_one_slot(self):
        """An event has one main webhook."""
        manifest = "webhooks:\n  bounce: {url: https://a.b/c}\n  b2: {event: bounce, url: https://a.b/d}\n"

        assert ["same-object"] == Stage(manifest).codes()

    def test_a_backup_is_another_slot(self):
        """A main and a backup webhook of one event are different."""
        manifest = (
            "webhooks:\n  bounce: {url: https://a.b/c}\n  b2: {event: bounce, backup: true, url: https://a.b/d}\n"
        )

        assert [] == Stage(manifest).codes()

    def test_two_generated_addresses(self):
        """A key has one generated address."""
        manifest = "parse_routes:\n  one: {url: https://a.b/c}\n  two: {url: https://a.b/d}\n"

        assert ["same-object"] == Stage(manifest).codes()

    def test_addresses_that_differ_in_case(self):
        """Addresses that differ in case are the same."""
        manifest = "parse_routes:\n  a@b.c: {url: https://a.b/c}\n  A@b.c: {url: https://a.b/d}\n"

        assert ["same-object"] == Stage(manifest).codes()

    def test_property_names_that_differ_in_case(self):
        """Properties whose names differ in case only are an error."""
        assert ["same-object"] == Stage("properties:\n  Age: int\n  age: int\n").codes()

    def test_list_names_that_differ_in_case(self):
        """Lists whose names differ in case only are allowed."""
        assert [] == Stage("lists:\n  Age: {}\n  age: {}\n").codes()


class TestYaml:
    """Invalid YAML."""

    @pytest.mark.parametrize(
        ("text", "code", "place"),
        [
            ("lists:\n\ta: {}\n", "yaml-tab", "2:1"),
            ("lists:\n  a: {name: 'x}\n", "yaml-syntax", "2:13"),
            ("lists: {a: {}\n", "yaml-syntax", "1:8"),
            ("lists: [}\n", "yaml-syntax", "1:9"),
            ("lists: {a: {}}\n---\nlists: {b: {}}\n", "several-documents", "2:1"),
            ("lists: {a: !thing {}}\n", "yaml-tag", "1:12"),
            ("lists: {a: {name: !!binary aGk=}}\n", "yaml-tag", "1:19"),
            ("lists: {a: *missing}\n", "yaml-alias", "1:12"),
            ("lists: {? [a] : {}}\n", "yaml-key", "1:11"),
            ("lists: {a: &a {name: x}, *a : {}}\n", "yaml-key", "1:26"),
            ("lists: {a: {<<: 5}}\n", "yaml-merge", "1:13"),
            ("lists:\n  a: {name: 'x\x00y'}\n", "yaml-syntax", "2:15"),
            ("lists:\n  a: {name: 'x\x07y'}\n", "yaml-syntax", "2:15"),
        ],
    )
    def test_refused(self, text, code, place):
        """A syntax error has its location."""
        finding = Stage(files={MAIN: text}).findings()[0]

        assert (code, MAIN) == (finding.code, finding.location.file)
        assert place in (None, f"{finding.location.line}:{finding.location.column}")

    def test_not_utf_8(self):
        """A file that is not UTF-8 is an error with the position of the byte."""
        finding = Stage(files={MAIN: b"lists:\n  a: {name: caf\xe9}\n"}).findings()[0]

        assert ("not-utf-8", f"{MAIN}:2:16") == (finding.code, str(finding.location))

    def test_a_byte_order_mark_is_no_character(self):
        """A byte order mark is ignored."""
        assert [] == Stage(files={MAIN: b"\xef\xbb\xbflists: {a: {}}\n"}).codes()

    def test_too_deep(self):
        """The depth of nesting is limited."""
        assert ["too-deep"] == Stage("lists: " + "[" * 60 + "]" * 60).codes()

    def test_too_deep_through_aliases(self):
        """The depth of nesting is limited with aliases too."""
        lines = ["lists:", "  a0: &a0 " + "[" * 40 + "]" * 40]
        lines += [f"  a{index}: &a{index} {'[' * 40}*a{index - 1}{']' * 40}" for index in range(1, 30)]

        assert {"too-deep"} == set(Stage("\n".join(lines)).codes())

    def test_an_alias_bomb(self):
        """The size of expanded aliases is limited, and the last alias is named."""
        lines = ["lists:", "  a0: &a0 {name: x}"]
        lines += [f"  a{index}: &a{index} [{', '.join([f'*a{index - 1}'] * 10)}]" for index in range(1, 9)]
        findings = Stage("\n".join(lines)).findings()

        assert ["alias-bomb"] == [finding.code for finding in findings]

    def test_a_huge_number(self):
        """A number with more digits than Python reads is text."""
        assert ["value"] == Stage(f"lists: {{a: {{name: {'9' * 5000}}}}}").codes()

    def test_an_alias_of_a_section(self):
        """Entries from an alias have the location of the alias."""
        stage = Stage("lists: &same {a: {}}\nsegments: *same\n")

        assert {"list.a", "segment.a"} == {str(address) for address in stage.load().entries}

    def test_a_merged_entry(self):
        """A merge key merges settings, and whole entries."""
        stage = Stage(
            "templates:\n  a: &base {locale: fr_FR}\n  b: {<<: *base, subject: Hi}\n"
            "lists: &l {x: {}}\nsegments:\n  <<: *l\n"
        )
        entries = {str(address): entry.values for address, entry in stage.load().entries.items()}

        assert {"name": "b", "locale": "fr_FR", "subject": "Hi"} == entries["template.b"]
        assert "segment.x" in entries

    def test_a_problem_of_a_merged_setting_has_a_place(self):
        """A finding in merged settings is at the entry that merges them."""
        findings = Stage("templates:\n  a: &base {locale: 5}\n  b: {<<: *base}\n").findings()

        assert [f"{MAIN}:2:13", f"{MAIN}:3:3"] == [str(finding.location) for finding in findings]

    def test_errors_of_one_file_do_not_hide_those_of_another(self):
        """A syntax error in one file does not hide findings of others."""
        files = {
            "manifests/a.yaml": "lists: {\n",
            "manifests/b.yaml": "lists: {a: {nam: x}}\n",
            "manifests/c.yaml": b"\xff",
            "manifests/d.yaml": "lists: {a: {}}\nwebhooks: {bounce: {}}\n",
        }

        assert [
            ("manifests/a.yaml", "yaml-syntax"),
            ("manifests/b.yaml", "unknown-key"),
            ("manifests/c.yaml", "not-utf-8"),
            ("manifests/d.yaml", "duplicate-handle"),
            ("manifests/d.yaml", "missing-key"),
        ] == [(finding.location.file, finding.code) for finding in Stage(files=files).findings()]

    def test_references_to_a_file_that_cannot_be_read(self):
        """References into a file that cannot be read are not reported as unknown."""
        files = {"manifests/a.yaml": "segments: {buyers: {expression: '(a>1)'}}\nlists: [\n"}
        codes = Stage("templates: {t: {subject: '${id.segment.buyers}', nam: x}}", files=files).codes()

        assert {"yaml-syntax", "unknown-key"} == set(codes)

    def test_an_overlay_over_a_file_that_cannot_be_read(self):
        """Removals of entries of a file that cannot be read are not reported."""
        project = PROJECT + "environments: {only: {overlays: [over]}}\n"
        files = {"manifests/a.yaml": "lists: [\n", "over/a.yaml": "lists: {old: null}\n"}

        assert ["yaml-syntax"] == Stage("lists: {b: {}}", project=project, files=files).codes()


class TestRings:
    """Cycles of references."""

    def test_itself(self):
        """An entry that refers to itself is an error at the reference."""
        finding = Stage("templates:\n  a:\n    subject: x ${id.template.a}\n").findings()[0]

        assert ("reference-ring", "template.a", f"{MAIN}:3:5") == (
            finding.code,
            finding.address,
            str(finding.location),
        )

    def test_each_member_is_named_with_its_place(self):
        """A cycle is printed once, with file and line of each reference."""
        manifest = "templates:\n  b: {subject: '${id.template.c}'}\n  a: {subject: '${id.template.b}'}\n"
        files = {"manifests/z.yaml": "templates:\n\n  c: {subject: '${id.template.a}'}\n"}
        findings = Stage(manifest, files=files).findings()

        assert ["reference-ring"] == [finding.code for finding in findings]
        for step in (
            f"template.a ({MAIN}:3:7) refers to template.b",
            f"template.b ({MAIN}:2:7) refers to template.c",
            "template.c (manifests/z.yaml:3:7) refers to template.a",
        ):
            assert step in findings[0].message

    def test_two_rings(self):
        """Each cycle is reported; entries that lead into one are not part of it."""
        refers = "".join(
            f"  {one}: {{subject: '${{id.template.{two}}}'}}\n" for one, two in ("ab", "ba", "cd", "dc", "xa")
        )
        findings = Stage(f"templates:\n{refers}").findings()

        assert ["template.a", "template.c"] == [finding.address for finding in findings]

    def test_in_bodies_and_parts(self):
        """References in body files and parts count."""
        manifest = """
            parts: {p: '${id.template.a}'}
            templates:
              a: {html: {file: a.html, substitute: true}}
              b: {text: '${part.p}'}
        """
        files = {"manifests/a.html": "<p>${id.template.b}</p>"}

        assert ["reference-ring"] == Stage(manifest, files=files).codes()

    def test_no_ring(self):
        """Two paths to one entry are not a cycle."""
        manifest = """
            templates:
              a: {subject: '${id.template.b} ${id.template.c}'}
              b: {subject: '${id.template.c}'}
              c: {subject: x}
        """

        assert [] == Stage(manifest).codes()


@pytest.mark.parametrize(
    "field",
    [
        r'headers: {X-A: "v\nBcc: other@example.com"}',
        r'headers: {"X-A\r\nBcc": other@example.com}',
        r'from: {name: "Shop\nBcc: other@example.com", email: shop@example.com}',
        r'reply_to: "help@example.com\r"',
    ],
)
def test_a_line_break_cannot_begin_another_header(field):
    """A value with a line break in a header is an error."""
    findings = Stage(f"templates:\n  t:\n    {field}\n").findings()

    assert [("value", True)] == [(each.code, "contains a line break" in each.message) for each in findings]


class TestAddresses:
    """Mail addresses are checked."""

    @pytest.mark.parametrize(
        ("field", "path"),
        [
            ("from: {email: 'a b@example.com'}", "from.email"),
            ("from: {email: shop@example..com}", "from.email"),
            ("from: {name: Shop, email: shop}", "from.email"),
            ("from: {email: shop@localhost}", "from.email"),
            ("reply_to: not-an-address", "reply_to"),
            ("reply_to: 'Help <help@>'", "reply_to"),
            ("reply_to: 'a@b.example, c@d.example'", "reply_to"),
        ],
    )
    def test_not_an_address(self, field, path):
        """An invalid address is an error at its field."""
        finding = Stage(f"templates:\n  t:\n    {field}\n").findings()[0]

        assert ("value", True) == (finding.code, "is not an address" in finding.message)
        assert 3 == finding.location.line
        assert (5 if path == "reply_to" else 12) <= finding.location.column

    @pytest.mark.parametrize(
        "field",
        [
            "from: {name: Shop, email: shop@example.com}",
            "from: {email: 'shop+news@mail.example.co.uk'}",
            "from: {email: '{{var:sender}}@example.com'}",
            "from: {email: 'o''neill@exämple.com'}",
            "from: {name: Shop}",
            "from: {email: ''}",
            "reply_to: '{{data:manager:\"help@example.com\"}}'",
            "reply_to: 'Help <help@example.com>'",
            "reply_to: ''",
        ],
    )
    def test_an_address(self, field):
        """Addresses, template language in them, and empty values are valid."""
        assert [] == Stage(f"templates:\n  t:\n    {field}\n").codes()

    def test_of_an_unset_variable(self):
        """An address that is not known yet is not checked."""
        assert ["unset-environment"] == Stage("templates: {t: {reply_to: '${env.HELP}'}}").codes(strict=False)

    def test_of_a_parse_route(self):
        """The address of a parse route is checked."""
        codes = Stage("parse_routes: {in: {email: 'a b@example.com', url: 'https://a.b/c'}}").codes()

        assert ["value"] == codes


class TestBlockScalars:
    """Block scalars end with a line end that is not part of a name."""

    @pytest.mark.parametrize(
        ("manifest", "word", "expected"),
        [
            ("lists:\n  a:\n    name: |\n      Weekly\n", "name", "Weekly"),
            ("segments:\n  a:\n    description: |\n      For all\n", "description", "For all"),
            ("segments:\n  a:\n    description: |\n      For all\n      of us\n", "description", "For all\nof us"),
            (
                "segments:\n  a:\n    expression: >\n      (age>1)\n      OR (age<0)\n",
                "expression",
                "(age>1) OR (age<0)",
            ),
            ("templates:\n  a:\n    subject: |\n      Hello\n", "subject", "Hello"),
            ("templates:\n  a:\n    headers:\n      X-A: |\n        Hello\n", "headers", {"X-A": "Hello"}),
        ],
    )
    def test_the_final_line_end_is_dropped(self, manifest, word, expected):
        """One final line end of a block scalar is dropped."""
        assert expected == next(iter(Stage(manifest).load().entries.values())).values[word]

    def test_of_a_text_in_a_subject(self):
        """A text of a locale loses its final line end in a subject, and keeps it in a body."""
        manifest = """
            templates:
              t:
                subject: ${text.a}
                text: ${text.a}
                locales:
                  en:
                    texts:
                      a: |
                        Hello
        """
        entry = next(iter(Stage(manifest).load().entries.values()))

        assert ("Hello", "Hello\n") == (entry.values["subject"], entry.values["text"].text())

    @pytest.mark.parametrize("name", ['"Weekly\\n"', "|+\n      Weekly\n\n"])
    def test_other_blanks_are_refused(self, name):
        """A line end in quotes, or a second one, is an error."""
        assert ["name has blanks around it"] == [
            finding.message for finding in Stage(f"lists:\n  a:\n    name: {name}\n").findings()
        ]

    def test_bodies_keep_theirs(self):
        """Bodies keep their line ends."""
        entry = next(iter(Stage("templates:\n  t:\n    text: |\n      Hello\n").load().entries.values()))

        assert "Hello\n" == entry.values["text"].text()


class TestEmpty:
    """Empty manifests are errors."""

    @pytest.mark.parametrize(
        "text",
        ["", "\n", "# nothing\n", "---\n", "---\n...\n", "5\n", "word\n", "[]\n", "- lists\n", "null\n", "{}\n", "~\n"],
    )
    def test_an_empty_manifest(self, text):
        """A file without a section is an error, also beside others."""
        files = {"manifests/good.yaml": "lists: {a: {}}\n", "manifests/bad.yaml": text}
        finding = Stage(files=files).findings()[0]

        assert ("empty-manifest", "manifests/bad.yaml") == (finding.code, finding.location.file)

    @pytest.mark.parametrize("text", ["\x00", "\x00" * 100])
    def test_zeros(self, text):
        """A file of NUL bytes is an error."""
        files = {"manifests/good.yaml": "lists: {a: {}}\n", "manifests/bad.yaml": text}

        assert ["yaml-syntax"] == Stage(files=files).codes()

    def test_no_file(self):
        """A folder without manifests is an error at its line."""
        finding = Stage(files={"manifests/readme.txt": "x"}).findings()[0]

        assert ("no-manifest", "mjsync.yaml:2:13") == (finding.code, str(finding.location))

    @pytest.mark.parametrize("pattern", ["manifests/*.yml", "nowhere", "manifests/**/deep/*.yaml"])
    def test_a_glob_without_files(self, pattern):
        """Every listed folder or glob must have a manifest."""
        stage = Stage("lists: {}", project=f"version: 1\nmanifests: [manifests, '{pattern}']\n")

        assert ["no-manifest"] == stage.codes()

    @pytest.mark.parametrize(
        "pattern", ["manifests", "manifests/", "./manifests", "manifests/*.yaml", "**/*.yaml", "."]
    )
    def test_where_manifests_are(self, pattern):
        """A folder and a glob give the same files."""
        assert [] == Stage("lists: {}", project=f"version: 1\nmanifests: ['{pattern}']\n").codes()

    @pytest.mark.parametrize(
        ("manifest", "code"),
        [("lists:\n", "null"), ("lists: []\n", "value"), ("lists: 5\n", "value"), ("lists:\n  a:\n", "null")],
    )
    def test_a_section_or_an_entry_without_a_value(self, manifest, code):
        """A section or an entry without a value is an error."""
        assert [code] == Stage(manifest).codes()

    def test_an_empty_section_is_a_statement(self):
        """`lists: {}` is valid."""
        assert frozenset({"list"}) == Stage("lists: {}").load().kinds

    @pytest.mark.parametrize("word", ["name", "description", "expression"])
    def test_a_setting_without_a_value(self, word):
        """A setting that is null is an error."""
        assert ["null"] == Stage(f"segments: {{a: {{{word}: }}}}").codes()

    @pytest.mark.parametrize("word", ["html", "text", "mjml", "subject", "from", "headers", "purposes", "variables"])
    def test_a_part_of_a_template_without_a_value(self, word):
        """A part of a template that is null is an error."""
        assert ["null"] == Stage(f"templates: {{a: {{{word}: }}}}").codes()

    def test_a_webhook_without_an_event(self):
        """An event that is empty is an error."""
        assert ["null"] == Stage("webhooks: {bounce: {event: , url: https://a.b/c}}").codes()

    def test_an_empty_name(self):
        """A name that is empty is an error."""
        assert ["value"] == Stage("lists: {a: {name: ''}}").codes()


class TestValues:
    """Values of the wrong type, and values that Mailjet refuses."""

    @pytest.mark.parametrize(
        ("manifest", "message"),
        [
            ("lists: {a: {name: 5}}", "name: must be text"),
            ("lists: {a: {protect: maybe}}", "protect: must be true or false"),
            ("lists: {a: 5}", "must be a mapping"),
            ("lists: {a: {name: ' x'}}", "name has blanks around it"),
            ("segments: {a: {description: 'x '}}", "description has blanks around it"),
            ("properties: {a: strr}", "type: 'strr' is not one of str, int, float, bool or datetime"),
            ("properties: {a-b: str}", "a property cannot be named 'a-b'"),
            ("properties: {a: {name: 1st}}", "a property cannot be named '1st'"),
            ("properties: {a: {name: _x}}", "a property cannot be named '_x'"),
            ("webhooks: {bounces: {url: https://a.b/c}}", "'bounces' is not an event"),
            ("webhooks: {x: {event: bounces, url: https://a.b/c}}", "event: 'bounces' is not one of"),
            ("webhooks: {bounce: {url: https://a.b}}", "url has no path"),
            ("webhooks: {bounce: {url: 'https://[a'}}", "must be an absolute https URL"),
            ("webhooks: {bounce: {url: https://a.b/}}", "url has no path"),
            ("webhooks: {bounce: {url: ftp://a.b/c}}", "url must be an absolute https URL"),
            ("webhooks: {bounce: {url: /c}}", "url must be an absolute https URL"),
            ("webhooks: {bounce: {url: ''}}", "url must be an absolute https URL"),
            ("parse_routes: {a@b: {url: https://a.b/c}}", "'a@b' is not an address"),
            ("parse_routes: {a@b.c: {url: https://a.b}}", "url has no path"),
            ("templates: {a: {headers: {X-A: 5}}}", "headers.X-A: must be text"),
            ("templates: {a: {headers: {subject: x}}}", "the header subject belongs to `subject:`"),
            ("templates: {a: {headers: {sendername: x}}}", "the header sendername belongs to `from:`"),
            ("templates: {a: {headers: {Reply-to: x}}}", "the header Reply-to belongs to `reply_to:`"),
            ("templates: {a: {headers: {X-A: x, x-a: y}}}", "the headers X-A and x-a differ in case alone"),
            ("templates: {a: {edit_mode: text}}", "edit_mode: 'text' is not one of html, mjml, builder or section"),
            ("templates: {a: {purposes: [sales]}}", "purposes.0: 'sales' is not one of"),
            ("templates: {a: {purposes: marketing}}", "purposes: must be a list"),
            ("templates: {a: {html: 5}}", "html"),
            ("templates: {a: {html: {substitute: true}}}", "the key 'file' is missing"),
            ("templates: {a: {variables: {x: {type: string}}}}", "variables.x.type: 'string' is not one of"),
            ("webhooks: {bounce: {grouped: true}}", "the key 'url' is missing"),
            ("lists: {a: {}}\nremoved: {lists: x}", "removed.lists must be a list of names"),
            ("lists: {a: {}}\nremoved: {lists: [5]}", "removed.lists must be a list of names"),
            ("lists: {a: {}}\nremoved: {lists: ['']}", "removed.lists must be a list of names"),
            ("lists: {a: {}}\nremoved: [x]", "removed must be a mapping"),
        ],
    )
    def test_refused(self, manifest, message):
        """A wrong value is an error that says what is expected."""
        assert [True] == [message in finding.message for finding in Stage(manifest).findings()]

    def test_all_at_once(self):
        """All findings of an entry are reported at once."""
        manifest = "templates:\n  t: {nam: x, locale: 5, purposes: [a, b], html: {fil: y}}\n"

        assert 6 == len(Stage(manifest).findings())

    def test_in_file_order(self):
        """Findings are sorted by line."""
        manifest = "webhooks:\n  bounce: {}\nlists:\n  a: {nam: x}\nproperties:\n  a: intt\n"

        assert [2, 4, 6] == [finding.location.line for finding in Stage(manifest).findings()]

    def test_each_has_a_way_out(self):
        """A finding has a way out, unless its message has one."""
        manifest = "lists: {a: {nam: x}, 'b c': {}}\nsegments:\nlist: {}\nwebhooks: {bounce: {url: https://a.b}}\n"

        assert all(finding.way_out for finding in Stage(manifest).findings())

    def test_each_is_one_line_of_words(self):
        """A finding is printed as `file:line:column: address: message. Way out.`."""
        finding = Stage("lists:\n  a: {nam: x}\n").findings()[0]

        expected = f"{MAIN}:2:7: list.a: unknown key 'nam'; did you mean 'name'?"
        assert str(finding).startswith(expected)

"""The files of a project that begins."""

from collections.abc import Mapping

from mjsync.manifest.project.workflow import WORKFLOW

_PROJECT = """\
version: 1
manifests: [manifests]

environments:
  staging:
    api_key: ${env.MJ_STAGING_APIKEY_PUBLIC}
    secret_key: ${env.MJ_STAGING_APIKEY_PRIVATE}
    # account: 123456  # the id of the API key; any other key is refused (see `mjsync accounts`)
    vars: {site: https://staging.example.com}
  production:
    api_key: ${env.MJ_PRODUCTION_APIKEY_PUBLIC}
    secret_key: ${env.MJ_PRODUCTION_APIKEY_PRIVATE}
    vars: {site: https://www.example.com}

# Nothing is ever deleted unless a line here says so.
# delete:
#   templates: declared
"""

_MANIFEST = """\
# What this account should hold; `mjsync plan` shows what that would change.
properties:
  first_name: str
  last_order_at: datetime

lists:
  newsletter: {name: Newsletter}

segments:
  recent-buyers:
    name: Recent buyers
    expression: '(IsInPreviousDays(last_order_at,30))'

templates:
  welcome:
    description: Sent when somebody joins
    purposes: [transactional]
    subject: Welcome {{data:first_name:"to our shop"}}
    html: {file: ../templates/welcome.html}
    text: {file: ../templates/welcome.txt}
"""

_HTML = """\
<!doctype html>
<html lang="en">
  <body>
    <h1>Welcome {{data:first_name:"to our shop"}}</h1>
    <p>We are glad you are here.</p>
  </body>
</html>
"""

_TEXT = """\
Welcome {{data:first_name:"to our shop"}}

We are glad you are here.
"""

_IGNORE = """\
# Receipts, journal and cache of mjsync: local, never committed.
.mjsync/
# Credentials for --env-file.
.env
"""


def scaffold() -> Mapping[str, str]:
    """Path to text of each file."""
    return {
        "mjsync.yaml": _PROJECT,
        "manifests/main.yaml": _MANIFEST,
        "templates/welcome.html": _HTML,
        "templates/welcome.txt": _TEXT,
        ".gitignore": _IGNORE,
        ".github/workflows/mail.yml": WORKFLOW,
    }

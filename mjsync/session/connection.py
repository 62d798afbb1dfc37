"""Find the key pair and the base URL of an environment."""

import os

from mjsync.errors import Finding, Location, Refused
from mjsync.manifest.load import expand_setting
from mjsync.manifest.project.settings import Environment, base_url_problem
from mjsync.session import secrets

BASE_URL_VARIABLE = "MJSYNC_BASE_URL"


def find_keys(name: str, environment: Environment, location: Location) -> tuple[str, str]:
    """Return the public and the secret key. Raises Refused where one is not set, with the variables' names."""
    texts = (environment.api_key, environment.secret_key)
    both = [expand_setting(text, location, os.environ, secrets.KNOWN) for text in texts]
    public, secret = (each.text for each in both)
    secrets.add([secret] if "${" not in secret else [])
    if any(each.is_broken for each in both):
        raise Refused(finding for each in both for finding in each.findings if finding.severity == "error")
    variables = {variable for each in both for variable in each.names("env")}
    missing = sorted(variable for variable in variables if not os.environ.get(variable))
    if missing or not public or not secret:
        lacking = f"{' and '.join(missing)} not set" if missing else "api_key or secret_key is empty"
        message = f"the keys of environment {name} are missing: {lacking}"
        way_out = "Export them; `mjsync emulator` prints a pair to try."
        raise Refused([Finding("missing-keys", message, way_out, location=location)])
    return public, secret


def find_base_url(environment: Environment, location: Location) -> str:
    """Return where requests go. Raises Refused for a host that the keys must not be sent to."""
    override = os.environ.get(BASE_URL_VARIABLE)
    url = override or expand_setting(environment.base_url, location, os.environ, secrets.KNOWN).text
    if problem := base_url_problem(url, from_file=not override):
        way_out = f"Correct {BASE_URL_VARIABLE}." if override else f"Set {BASE_URL_VARIABLE} to use another host."
        raise Refused([Finding("base-url", problem, way_out, location=None if override else location)])
    return url

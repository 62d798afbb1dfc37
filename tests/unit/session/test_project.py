"""Where the keys of an environment may be sent."""

import pytest

from mjsync.session.project import base_url_problem


class TestBaseUrl:
    """Base URLs."""

    @pytest.mark.parametrize(
        "url",
        [
            "https://api.mailjet.com",
            "https://api.us.mailjet.com",
            "https://api.mailjet.com/",
            "http://127.0.0.1:8025",
            "http://localhost:1",
            "http://[::1]:80",
            "https://localhost",
        ],
    )
    def test_allowed_in_the_file(self, url):
        """Mailjet's hosts by https, and loopback, are allowed."""
        assert "" == base_url_problem(url, from_file=True)

    @pytest.mark.parametrize(
        "url",
        [
            "http://api.mailjet.com",
            "https://api.mailjet.com.evil.example",
            "https://evil.example",
            "https://apixmailjet.com",
            "https://api.a.b.mailjet.com",
            "https://api.some-secret.mailjet.com",
            "https://api.${env.REGION}.mailjet.com",
            "https://api.us.mailjet.com/$${x}",
            "https://api.mailjet.com@evil.example",
            "https://u:p@api.mailjet.com",
            "https://api.mailjet.com/v3",
            "https://api.mailjet.com?x=1",
            "https://api.mailjet.com#x",
            "ftp://127.0.0.1",
            "api.mailjet.com",
            "",
            "http://10.0.0.1",
            "http://127.0.0.1.evil.example",
            "https://api.mailjet.com\\@evil.example",
            "https://api.mailjet.com:99999",
            "https://[::1",
        ],
    )
    def test_refused_in_the_file(self, url):
        """Other hosts are refused in the file."""
        assert base_url_problem(url, from_file=True)

    def test_another_host_by_the_variable_alone(self):
        """The environment variable may name another host, by https."""
        assert ("", True) == (
            base_url_problem("https://proxy.example.com", from_file=False),
            bool(base_url_problem("http://proxy.example.com", from_file=False)),
        )

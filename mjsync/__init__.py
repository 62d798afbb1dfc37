"""mjsync: config as code for Mailjet accounts."""

__version__ = "0.1.0"

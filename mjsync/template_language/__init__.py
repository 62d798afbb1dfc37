"""Mailjet's template language and segment expressions: parse, check and render them; compile MJML; make plain text.

Functions take text and return values. The package knows no HTTP, plans, manifests or files. A `Location` counts
lines and columns in the given text, and its `file` is the name of that text (html, subject, …), empty where there
is only one; the caller replaces it by the location in the file.

Importing any module here is cheap: lark, MRML and inscriptis are imported when they are first needed.
"""

"""Build plans from manifests and an account, and apply them; `apply` is the only module that writes.

It gets a Reader or a Writer and knows no HTTP, no YAML, no terminal.
"""

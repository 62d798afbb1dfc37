"""Check desired state: template language, segment expressions, names, types, locales and template tests.

Everything is checked offline against the manifests; for a plan also against the account. The package knows no YAML, no
HTTP and no plan: callers describe what a plan would do, and get findings.
"""

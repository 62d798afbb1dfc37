"""Templates filled with example data, as their readers get them, and the local gallery that shows them.

The package uses neither plans nor Mailjet: it shows what the manifests state.
"""

"""Fill templates with example data, as their readers get them, and show them in a local gallery.

The package uses neither plans nor Mailjet: it shows what the manifests state.
"""

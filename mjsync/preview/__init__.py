"""Mails as their readers get them: templates filled with example data, and the local gallery that shows them.

The room knows no plans and no Mailjet: it shows what the manifests say, and asks nobody.
"""

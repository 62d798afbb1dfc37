"""Whether it holds: what is asked, held against itself and, in a plan, against the account.

The room knows no YAML, no HTTP and no plan: it is told what a plan would do, and gives findings.
"""

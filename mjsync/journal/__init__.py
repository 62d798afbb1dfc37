"""WHAT WE DID: intents and outcomes on disk as they happen, receipts of ended runs, images of what was there before.

It knows no HTTP and no YAML, and contains no secret: those are masked before, or by the ImageRedactor.
"""

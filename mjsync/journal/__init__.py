"""WHAT WE DID: intents and outcomes on disk as they happen, receipts of ended runs, images of what was there before.

It knows no HTTP and no YAML, and holds no secret: what must not be kept is masked before it gets here or by the veil.
"""

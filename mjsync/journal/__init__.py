"""Journals and receipts: intents and outcomes of steps as they happen, and documents of ended runs with before-images.

It knows no HTTP and no YAML, and contains no secret: those are masked before, or by the RecordRedactor.
"""

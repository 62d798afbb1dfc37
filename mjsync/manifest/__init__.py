"""WHAT IS ASKED: files to documents with places, documents to Desired; no HTTP, no plans."""

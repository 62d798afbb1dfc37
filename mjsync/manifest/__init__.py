"""Load manifests as desired entries with their locations, and write live objects as manifests."""

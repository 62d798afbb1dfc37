"""Write manifests: export live objects, edit entries in place, format files."""

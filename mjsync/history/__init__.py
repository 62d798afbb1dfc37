"""Read what git knows: the manifests of a commit, and which commit each environment was last deployed from."""

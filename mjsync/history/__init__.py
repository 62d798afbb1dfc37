"""Read git: the manifests of a commit, and the commit that each environment was last deployed from."""

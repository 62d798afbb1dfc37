"""Read mjsync.yaml: manifests, environments, policies; and write the files of a new project."""

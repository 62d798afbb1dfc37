"""The Mailjet HTTP client: one request, authentication, paging, retries; no kinds, no manifests, no plans."""

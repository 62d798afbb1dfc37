"""Turn layers of values into declared resources: defaults, placeholders, parts, locales, validation."""

"""Output formats: a plan as text, JSON, Markdown, HTML, JUnit, SARIF and GitHub annotations."""

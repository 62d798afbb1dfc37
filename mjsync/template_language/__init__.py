"""What a body says: Mailjet's template language and segment expressions, parsed, checked and rendered.

Text goes in and values come out. The room knows no HTTP, no plans, no manifests and no files; what it finds
wrong is a `Finding` with a line and a column, which the caller maps to the file it read.

Importing any module of the room is cheap: lark, MRML and inscriptis are imported when they are first needed.
"""

"""Load, plan, apply, undo and import one environment of a project, as values.

Functions here return or raise `mjsync.errors.MjsyncError`; nothing prints, asks or exits. It must not know click.
"""

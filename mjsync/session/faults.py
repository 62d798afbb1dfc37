"""Describe a bug of mjsync as a finding."""

import traceback
from pathlib import PurePath

from mjsync.errors import Finding


def fault_finding(error: BaseException) -> Finding:
    """Describe an error that is not a MjsyncError: a bug of mjsync, with the line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({PurePath(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    message = f"mjsync has a fault: {type(error).__name__}: {error}{where}"
    return Finding(
        "fault", message, "Please report it, with the output of MJSYNC_DEBUG=1 and the file of `mjsync report-bug`."
    )

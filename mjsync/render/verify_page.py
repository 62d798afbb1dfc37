"""Write a verification as a page, and as the document `mjsync-verify/1`."""

from typing import Any

from mjsync.account_reports.verify import VerifyReport
from mjsync.render.account_page import Page, Table


def verify_json(report: VerifyReport, environment: str) -> dict[str, Any]:
    """Build the document of a verification."""
    return {
        "format": "mjsync-verify/1",
        "environment": environment,
        "trials": [
            {
                "address": trial.address,
                "status": trial.status,
                "findings": [finding.as_json() for finding in trial.findings],
            }
            for trial in report.trials
        ],
        "requests": dict(report.requests),
    }


def verify_page(report: VerifyReport, environment: str) -> Page:
    """Lay out a verification: one row for each trial, and what it proves."""
    rows = tuple(
        (trial.status, trial.address, "; ".join(f"{each.code}: {each.message}" for each in trial.findings))
        for trial in report.trials
    )
    table = Table("Trials", ("status", "address", "reason"), rows, "There is nothing to verify.")
    notes = ("Nothing was delivered. Template language is evaluated later: `mjsync health` shows what it blocks.",)
    return Page(f"Verification of {environment}", (), (table,), notes if rows else ())

"""Add to a plan who and what its changes concern, and who enters and leaves its segments."""

from dataclasses import replace

from mjsync.account_reports.impact import RETRY_BUDGET, add_impact
from mjsync.api.client import ReadClient
from mjsync.engine.plan import Plan
from mjsync.resources.live import Reader
from mjsync.session.options import PlanOptions


def with_impact(plan: Plan, client: ReadClient, listings: Reader, options: PlanOptions) -> Plan:
    """Add what is looked up in drafts, campaigns and counters, and the contacts of changed segments.

    `listings` has what the plan has listed. Raises WrongUse where the file of contacts cannot be read.
    """
    client.limits = replace(client.limits, retry_budget=min(client.limits.retry_budget, RETRY_BUDGET))
    return with_contacts(add_impact(plan, client, listings, options.impact), client, options)


def with_contacts(plan: Plan, client: ReadClient | None, options: PlanOptions) -> Plan:
    """Add how many contacts enter and leave changed segments, if the options name contacts or the full impact.

    Without a client, only those of a file. Raises WrongUse where it cannot be read.
    """
    if all(change.kind.name != "segment" for change in plan.changes):
        return plan
    from mjsync.account_reports import segment_diff

    if options.contacts:
        return segment_diff.with_segment_diffs(plan, segment_diff.contacts_of_file(options.contacts))
    if client and (options.sample or options.impact == "full"):
        sample = segment_diff.sampled_contacts(client, options.sample or segment_diff.DEFAULT_SAMPLE)
        return segment_diff.with_segment_diffs(plan, sample)
    return plan

"""The files of a new project, with its GitHub workflow: plans in pull requests, applies of reviewed plans on main."""

from collections.abc import Mapping

from mjsync.manifest.schema import manifest_schema, project_schema, schema_text

_PROJECT = """\
# yaml-language-server: $schema=schema/project.json
version: 1
manifests: [manifests]

environments:
  production: {}  # its keys are MJ_APIKEY_PUBLIC and MJ_APIKEY_PRIVATE, from the shell or from CI
  # staging:
  #   api_key: ${env.MJ_STAGING_APIKEY_PUBLIC}
  #   secret_key: ${env.MJ_STAGING_APIKEY_PRIVATE}
  #   account: 123456  # the id of the API key, as `mjsync accounts` prints it; any other key is refused

# Nothing is ever deleted unless a line here says so.
# delete:
#   templates: declared
"""

_MANIFEST = """\
# yaml-language-server: $schema=../schema/manifest.json
# What this account should hold; `mjsync plan` shows what that would change.
properties:
  first_name: str
  last_order_at: datetime

lists:
  newsletter: {name: Newsletter}

segments:
  recent-buyers:
    name: Recent buyers
    expression: '(IsInPreviousDays(last_order_at,30))'

templates:
  welcome:
    description: Sent when somebody joins
    purposes: [transactional]
    from: {name: Shop, email: shop@example.com}  # a sender of your account
    subject: Welcome {{data:first_name:"to our shop"}}
    html: {file: ../templates/welcome.html}
    text: {file: ../templates/welcome.txt}
    tests:  # run by validate, plan and apply
      - name: a reader with a name
        contact: {first_name: Ada}
        expect:
          subject: Welcome Ada
          html: {contains: [Welcome Ada], not_contains: ['{{']}
      - name: a reader without a name
        expect:
          subject: Welcome to our shop
"""

_HTML = """\
<!doctype html>
<html lang="en">
  <body>
    <h1>Welcome {{data:first_name:"to our shop"}}</h1>
    <p>We are glad you are here.</p>
  </body>
</html>
"""

_TEXT = """\
Welcome {{data:first_name:"to our shop"}}

We are glad you are here.
"""

_IGNORE = """\
# Receipts, journal and cache of mjsync: local, never committed.
.mjsync/
# Credentials for --env-file.
.env
"""


WORKFLOW = """\
# Plans in pull requests, with one comment for each environment that is kept up to date; applies on main what was
# planned there. Set the secrets below in the repository's settings; a further environment is a word in `matrix`.
name: mail
on:
  pull_request:
  push: {branches: [main]}
permissions:
  actions: read # finds the run that made the reviewed plan
  contents: write # apply pushes the ref that says what was deployed
  pull-requests: write # the comment
env:
  MJ_APIKEY_PUBLIC: ${{ secrets.MJ_APIKEY_PUBLIC }}
  MJ_APIKEY_PRIVATE: ${{ secrets.MJ_APIKEY_PRIVATE }}
jobs:
  mail:
    runs-on: ubuntu-latest
    strategy:
      fail-fast: false
      matrix:
        environment: [production]
    # One apply at a time for each account; of a pull request only the newest commit is planned.
    concurrency:
      group: mail-${{ matrix.environment }}-${{ github.event.pull_request.number || 'apply' }}
      cancel-in-progress: ${{ github.event_name == 'pull_request' }}
    env:
      MJSYNC_ENV: ${{ matrix.environment }}
      GH_TOKEN: ${{ github.token }}
    steps:
      - uses: actions/checkout@v4
      # What each environment was last applied from.
      - run: git fetch --depth=1 origin HEAD '+refs/mjsync/deployed/*:refs/mjsync/deployed/*'
      - uses: actions/setup-python@v5
        with: {python-version: '3.12'}
      - run: pip install 'mjsync[screenshots]'
      - run: mjsync validate --format github

      - name: Plan
        id: plan
        if: github.event_name == 'pull_request'
        run: |
          mkdir -p out
          code=0
          # The pictures are taken by Chrome, which GitHub's runners have.
          mjsync plan --exit-code --format github --screenshots out/pictures \\
            --report-url "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID" \\
            --out out/plan.json --out out/plan.html --out out/plan.md || code=$?
          [ ! -f out/plan.md ] || cat out/plan.md >> "$GITHUB_STEP_SUMMARY"
          [ "$code" = 0 ] || [ "$code" = 3 ] || exit "$code"
      - name: Comment
        # A pull request from a fork has no token that may write.
        if: >-
          github.event_name == 'pull_request' && !cancelled() && steps.plan.outcome != 'skipped'
          && github.event.pull_request.head.repo.full_name == github.repository
        env:
          ISSUE: repos/${{ github.repository }}/issues
          NUMBER: ${{ github.event.pull_request.number }}
        run: |
          [ -f out/plan.md ] || exit 0
          export MARKER="$(head -n 1 out/plan.md)"
          mine='.[] | select(.user.login == "github-actions[bot]" and (.body | startswith(env.MARKER))) | .id'
          id="$(gh api "$ISSUE/$NUMBER/comments" --paginate --jq "$mine" | sed -n 1p)"
          if [ -n "$id" ]; then
            gh api --silent --method PATCH "$ISSUE/comments/$id" --field body=@out/plan.md
          else
            gh api --silent --method POST "$ISSUE/$NUMBER/comments" --field body=@out/plan.md
          fi
      - if: github.event_name == 'pull_request' && !cancelled()
        uses: actions/upload-artifact@v4
        with: {name: 'plan-${{ matrix.environment }}', path: out/, if-no-files-found: ignore, overwrite: true}

      # The plan that the merged head's own run kept; nothing is read from a comment.
      - name: Reviewed plan
        if: github.event_name == 'push'
        env:
          REPOSITORY: ${{ github.repository }}
          COMMIT: ${{ github.sha }}
        run: |
          stop() { echo "::error title=mjsync::$1 Nothing is applied: merge a pull request that was planned."; exit 4; }
          head="$(gh api "repos/$REPOSITORY/commits/$COMMIT/pulls" \\
            --jq '[.[] | select(.merged_at and .merge_commit_sha == env.COMMIT)][0].head.sha // empty')"
          [ -n "$head" ] || stop "No merged pull request brought commit $COMMIT."
          run="$(gh run list --repo "$REPOSITORY" --workflow mail.yml --commit "$head" --event pull_request \\
            --status success --limit 1 --json databaseId --jq '.[0].databaseId // empty')"
          [ -n "$run" ] || stop "The workflow did not succeed for $head."
          gh run download "$run" --repo "$REPOSITORY" --name "plan-$MJSYNC_ENV" --dir reviewed \\
            || stop "Run $run kept no plan."
      - name: Apply
        if: github.event_name == 'push'
        run: |
          mkdir -p out
          mjsync apply --yes --record push --plan reviewed/plan.json --format github \\
            --out out/apply.json --out out/apply.html
      - if: always() && github.event_name == 'push'
        uses: actions/upload-artifact@v4
        with:
          name: receipts-${{ matrix.environment }}-${{ github.run_attempt }}
          path: |
            out/
            .mjsync/
          include-hidden-files: true
          if-no-files-found: ignore
"""
"""Named mail.yml, which it looks for itself by."""


def scaffold() -> Mapping[str, str]:
    """Return path to text of each file."""
    return {
        "mjsync.yaml": _PROJECT,
        "manifests/main.yaml": _MANIFEST,
        "schema/manifest.json": schema_text(manifest_schema()),
        "schema/project.json": schema_text(project_schema()),
        "templates/welcome.html": _HTML,
        "templates/welcome.txt": _TEXT,
        ".gitignore": _IGNORE,
        ".github/workflows/mail.yml": WORKFLOW,
    }

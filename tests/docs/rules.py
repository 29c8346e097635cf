# SPDX-License-Identifier: MIT
"""docs/rules.md is what `lastcall-plan explain --markdown` writes."""

import os
import subprocess
import sys

from report import SOURCE, SKIPPED, finish

PLAN = os.environ.get("LASTCALL_PLAN", "")


def main():
    if not os.access(PLAN, os.X_OK):
        print(f"LASTCALL_PLAN is '{PLAN}', not a program")
        sys.exit(SKIPPED)
    written = subprocess.run([PLAN, "explain", "--markdown"], check=True, capture_output=True, text=True).stdout
    kept = SOURCE / "docs/rules.md"
    problems = []
    if not kept.exists() or kept.read_text() != written:
        problems.append("docs/rules.md: write it anew: lastcall-plan explain --markdown > docs/rules.md")
    finish(problems, "docs/rules.md")


if __name__ == "__main__":
    main()

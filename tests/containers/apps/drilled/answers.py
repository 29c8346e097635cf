# SPDX-License-Identifier: MIT
"""What the servers under drill answer, whatever they are made of: /quick at once, /slow after a while, /big
with 8 MB, each with a body that its reader can check."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from pattern import pattern  # noqa: E402

SLOW_SECONDS = 1.5
BODIES = {"/quick": pattern(1, 200), "/slow": pattern(2, 20_000), "/big": pattern(3, 8_000_000)}

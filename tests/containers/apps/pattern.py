# SPDX-License-Identifier: MIT
"""A body that its reader can check: no part of it fits another request, or another offset."""


def pattern(number, size):
    blocks = (b"%08d:%08d\n" % (number, offset) for offset in range(0, size, 18))
    return b"".join(blocks)[:size]

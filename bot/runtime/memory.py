"""What a start leaves in memory stays: the collector of cycles need not go through it again and again.

It stops everything while it looks at all objects that grew old, and a desk at rest has two hundred
thousand of them: its libraries, rules and statements. Half a second's click, and a ping that is due
just then, wait for it. What is frozen is passed over (Python manual, `gc.freeze`).
"""

import gc
from typing import Final

YOUNG_OBJECTS: Final = 10_000
"""So many new objects, a few megabytes at the most, before the youngest are looked through.

Python's own 700 are reached by each page of mails and each batch of pings many times over.
"""


def settle_memory() -> None:
    """Keep everything that is alive now out of later collections. Takes as long as one of them.

    For a moment when nobody waits: a process is ready, or its settings were read again. What was
    settled before and is garbage since then is freed.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    _, middle, old = gc.get_threshold()
    gc.set_threshold(YOUNG_OBJECTS, middle, old)

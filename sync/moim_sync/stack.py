"""Room for pycrdt to recurse in.

Deleting a shared type deletes what is nested in it, one native stack frame a level: a document of
some 40,000 levels, which a few hundred kB of updates can build, ends a process that has the usual
8 MB. A pre-scan of single updates cannot see it, since each may add few levels. What a document of
16 MB can hold at most, about two million levels, needs half a gigabyte of addresses; memory is
taken only when it is used.
"""

import resource

STACK_BYTES = 2**30


def deepen_stack() -> None:
    """Let the main thread's stack grow to STACK_BYTES, or as far as the hard limit allows.

    Every process that applies updates of others calls this once, in its main thread, before. Other
    threads have the stack that `threading.stack_size` gave them.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    wanted = STACK_BYTES if hard == resource.RLIM_INFINITY else min(STACK_BYTES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_STACK, (wanted, hard))

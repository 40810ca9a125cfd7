"""Room on the stack for deep documents.

Deleting a shared type deletes what is inside it, and the CRDT does so by recursion in native code:
about 240 bytes of stack a level. With the usual 8 MB, some 35,000 maps inside one another and 15
bytes that delete the outermost end the process with SIGSEGV, and no `except` sees it.
"""

import resource

STACK_BYTES = 1024 * 1024 * 1024
"""Far above what a document of 16 MB can need; only what is used becomes memory."""


def deepen_stack() -> None:
    """Let the main thread's stack grow as far as this machine allows; child processes inherit it.

    Linux leaves at least 128 MB below the stack free, so raising the soft limit works at once.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    wanted = STACK_BYTES if hard == resource.RLIM_INFINITY else min(STACK_BYTES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_STACK, (wanted, hard))

"""A process that can open no more sockets: a filter of its system calls, which nothing it does can take off again.

See https://docs.kernel.org/userspace-api/seccomp_filter.html. A store on disk opens files as it is read, so a limit
of descriptors can't stand between its workers and the network, as it does for those of a store in memory.
"""

import ctypes
import os
import platform
import struct

from taiwan_can_help.engine import EngineError

# linux/audit.h, and the numbers of socket and io_uring_setup (which makes sockets too), by machine.
_ARCHITECTURES = {"x86_64": (0xC000003E, (41, 425)), "aarch64": (0xC00000B7, (198, 425))}
# x86-64 takes calls of its 32-bit ABI as well, with this bit in their numbers.
_X32_BIT = 0x40000000

# linux/bpf_common.h: load a word, jump where it is equal, or as great, and return.
_LOAD, _IF_EQUAL, _IF_AS_GREAT, _RETURN = 0x20, 0x15, 0x35, 0x06
# linux/seccomp.h: where the data of a call has its number and its architecture; what becomes of the call.
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
# linux/prctl.h
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_EACCES = 13


def forbid_sockets() -> None:
    """Let this thread, and every one that it starts, open no socket from here on: the call fails with EACCES.

    Raises EngineError where the system can't do that.
    """
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        raise EngineError(f"queries can't be kept off the network on {machine}; use a store in memory")
    program = _program(*_ARCHITECTURES[machine])
    libc = ctypes.CDLL(None, use_errno=True)
    code = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: a count, padded to a pointer, and a pointer.
    filter_ = ctypes.create_string_buffer(struct.pack("HP", len(program) // 8, ctypes.addressof(code)))
    for arguments in ((_PR_SET_NO_NEW_PRIVS, 1, 0), (_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, filter_)):
        if libc.prctl(*arguments, 0, 0):
            reason = os.strerror(ctypes.get_errno())
            raise EngineError(f"queries can't be kept off the network: {reason}; use a store in memory")


def _program(architecture: int, refused: tuple[int, ...]) -> bytes:
    """Return the filter; a jump says how many instructions to pass over where it holds, and where not."""
    tests = [(_IF_AS_GREAT, _X32_BIT), *((_IF_EQUAL, number) for number in refused)]
    instructions = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_IF_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        *((test, len(tests) - place, 0, value) for place, (test, value) in enumerate(tests)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE | _EACCES),
    ]
    return b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)

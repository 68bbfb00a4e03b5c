"""What storage refuses, apart from what the domain refuses.

StorageFault
├── Dangling       a thing points at another that is not there: a fault in the code, or a race that was lost
├── LeaseLost      a job was finished by somebody else in the meantime; the unit that says so is undone
├── SchemaTooNew   the database was written by a newer version
├── Unavailable    the database cannot be reached or opened
└── Closed         the store was closed
"""

import errno


class StorageFault(Exception):  # noqa: N818 - reads as what it is at the call site
    """Storage cannot do this."""


class Dangling(StorageFault):
    """A thing points at another that is not there. The unit of work that tried it is lost."""


class LeaseLost(StorageFault):
    """The lease on a job ended and somebody else has the job now, or finished it."""


class SchemaTooNew(StorageFault):
    """The database was written by a newer version. Its text is one sentence for whoever starts the server."""


class Unavailable(StorageFault):
    """The database cannot be reached or opened. Its text is one sentence for whoever starts the server."""


class Closed(StorageFault):
    """The store was closed; nothing can be read or written any more."""


_NO_ROOM_FOR_FILES = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
_NO_ROOM = {"SQLITE_FULL", "SQLITE_READONLY", "53100", "25006"}


def is_out_of_room(fault: BaseException) -> bool:
    """Whether something could not be stored because the disk is full or cannot be written; nothing of it is there."""
    seen: BaseException | None = fault
    for _ in range(10):
        if seen is None:
            return False
        code = getattr(seen, "sqlite_errorname", None) or getattr(seen, "sqlstate", None) or ""
        if isinstance(seen, OSError) and seen.errno in _NO_ROOM_FOR_FILES:
            return True
        if code in _NO_ROOM or str(code).startswith(("SQLITE_IOERR", "SQLITE_READONLY")):
            return True
        seen = getattr(seen, "orig", None) or seen.__cause__ or seen.__context__
    return False

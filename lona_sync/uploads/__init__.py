"""Files that browsers send, on disk: safe names, room, what is on its way. No HTTP, no nodes, no views."""

from .claims import Claim, Elsewhere, Gone, Lease, Limits, Part, Refused
from .file import UploadedFile
from .folder import Folder, Unusable
from .names import free_name, safe_name
from .quota import NoRoom, Quota
from .shelf import Batch, Incoming, Shelf
from .store import Store
from .writing import Writer

__all__ = [
    "Batch", "Claim", "Elsewhere", "Folder", "Gone", "Incoming", "Lease", "Limits", "NoRoom", "Part", "Quota", "Refused", "Shelf",
    "Store", "Unusable", "UploadedFile", "Writer", "free_name", "safe_name",
]

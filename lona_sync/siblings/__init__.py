"""The other processes that serve the same application on this machine: `siblings.py` finds and asks them."""

from .control import Answer
from .directory import Directory, Unusable, directory_of
from .siblings import Siblings
from .talk import Away, Gone, Refused, Silent, Talk, Trouble

__all__ = ["Answer", "Away", "Directory", "Gone", "Refused", "Siblings", "Silent", "Talk", "Trouble", "Unusable", "directory_of"]

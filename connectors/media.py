"""The media type of a file that a platform names and says nothing more of."""

import mimetypes

UNTOLD = "application/octet-stream"


def media_type_of(name: str) -> str:
    """By the ending of the file's name; bytes of no known kind where that tells nothing."""
    return mimetypes.guess_type(name)[0] or UNTOLD

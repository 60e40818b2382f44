"""Why a copy could not be made, put back or moved: a sentence with the way out."""

from bot.errors import DeskError


class StorageProblem(DeskError):
    """Nothing was changed, and the sentence says what to do."""

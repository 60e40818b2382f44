"""The commands. Errors are sentences, never tracebacks; exit codes say what happened.

0 fine · 1 something is wrong and was said · 2 the command itself was misused.
"""

from bot.cli.main import main

__all__ = ["main"]

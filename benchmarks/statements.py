"""How many statements a transaction takes: exact, the same on every machine."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

from benchmarks.databases import Databases
from benchmarks.desk import ANNA, START, shop_mail_reader, the_desk
from benchmarks.figures import Figure, Goal, figure, must
from benchmarks.mails import WEBSITE, Mail, buyer_mails

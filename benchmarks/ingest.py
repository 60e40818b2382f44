"""Mails to stored tickets: a real IMAP server, the real connectors, the real poller."""

import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from typing_extensions import override

from benchmarks.databases import Databases
from benchmarks.desk import START, the_desk
from benchmarks.figures import Figure, Goal, figure, must, ratios
from benchmarks.mail_server import PASSWORD, MailServer, mail_server
from benchmarks.mails import ADDRESS, AMAZON, FORM_MAILER, WEBSITE, Mail, buyer_mails, conversations
from benchmarks.plain import ingest_plainly, read_plainly
from benchmarks.watching import Log, Transaction, WatchedDatabase
from bot.clock import Clock
from bot.db import tables
from bot.db.engine import create_engine
from bot.domain.desk import Desk
from bot.jobs.poll import InboxPoller
from bot.usecases.inboxes import sync_inboxes
from connectors.contract import Connector, InboundMessage, InboxContext, RawItem
from connectors.mail.channel import MailChannel
from connectors.registry import load_connectors

NAME = "ingest"
PLAIN_SHARE = 0.3
"""Of the mails, for the one-by-one comparison: it is slow and its cost per mail is constant."""

"""Modals and Homes: how views open, change and stack, and what a person's input in them is worth.

A person has at most one stack of three modals (docs.slack.dev "Modals").
"""

import secrets
from collections.abc import Mapping
from typing import Any

from sandbox.slack.blocks import complete_blocks, elements_of
from sandbox.slack.element_state import initial_state
from sandbox.slack.model import JsonObject, View
from sandbox.slack.workspace import Workspace

MOST_STACKED = 3


class StackFull(Exception):
    """A fourth modal does not fit."""


class ExternalIdTaken(Exception):
    """Another open view has this external_id."""


class ViewStack:
    """Every change of a view goes through here."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def open(self, user: str, body: Mapping[str, Any]) -> View:
        """Open a modal, in place of whatever was open. Raises ExternalIdTaken."""
        self._check_external_id(body, None)
        view = self._new(user, body, previous=None)
        self._workspace.modals[user] = [view]
        self._workspace.modals_changed(user)
        return view

    def push(self, user: str, body: Mapping[str, Any]) -> View:
        """Put a modal on top. Raises StackFull, ExternalIdTaken."""
        stack = self._workspace.modals[user]
        if len(stack) >= MOST_STACKED:
            raise StackFull
        self._check_external_id(body, None)
        view = self._new(user, body, previous=stack[-1] if stack else None)
        stack.append(view)
        self._workspace.modals_changed(user)
        return view

    def replace(self, view: View, body: Mapping[str, Any]) -> View:
        """Change an open view in place; input in blocks that stay is kept. Raises ExternalIdTaken."""
        self._check_external_id(body, view)
        view.body = _completed(body)
        view.hash = _new_hash()
        view.values = _values(view.blocks, kept=view.values)
        self._changed(view)
        return view

    def publish(self, user: str, body: Mapping[str, Any]) -> View:
        """Put a Home in place. Raises ExternalIdTaken."""
        home = self._workspace.homes.get(user)
        if home is not None:
            return self.replace(home, body)
        self._check_external_id(body, None)
        view = self._new(user, body, previous=None)
        self._workspace.homes[user] = view
        self._workspace.home_changed(view)
        return view

    def pop(self, view: View) -> None:
        """Close a modal and those above it."""
        stack = self._workspace.modals[view.user]
        del stack[stack.index(view) :]
        self._workspace.modals_changed(view.user)

    def clear(self, user: str) -> None:
        """Close all of a person's modals."""
        self._workspace.modals[user].clear()
        self._workspace.modals_changed(user)

    def put_value(self, view: View, block_id: str, action_id: str, state: JsonObject) -> None:
        """Remember what a person put into an element."""
        view.values.setdefault(block_id, {})[action_id] = state

    def _changed(self, view: View) -> None:
        if view.kind == "home":
            self._workspace.home_changed(view)
        else:
            self._workspace.modals_changed(view.user)

    def _new(self, user: str, body: Mapping[str, Any], previous: View | None) -> View:
        view_id = self._workspace.new_id("V")
        completed = _completed(body)
        return View(
            id=view_id,
            kind=completed["type"],
            user=user,
            body=completed,
            hash=_new_hash(),
            root_id=previous.root_id if previous else view_id,
            previous_id=previous.id if previous else None,
            values=_values(completed["blocks"], kept={}),
        )

    def _check_external_id(self, body: Mapping[str, Any], own: View | None) -> None:
        external_id = body.get("external_id")
        if not external_id:
            return
        for view in self.all():
            if view is not own and view.external_id == external_id:
                raise ExternalIdTaken

    def all(self) -> list[View]:
        """Every open modal and published Home."""
        modals = [view for stack in self._workspace.modals.values() for view in stack]
        return [*self._workspace.homes.values(), *modals]


def _new_hash() -> str:
    return f"{secrets.randbelow(10**10)}.{secrets.token_hex(4)}"


def _completed(body: Mapping[str, Any]) -> JsonObject:
    return {**body, "blocks": complete_blocks(body["blocks"])}


def _values(
    blocks: list[JsonObject], kept: dict[str, dict[str, JsonObject]]
) -> dict[str, dict[str, JsonObject]]:
    values: dict[str, dict[str, JsonObject]] = {}
    for block, element in elements_of(blocks):
        state = initial_state(element)
        if state is None:
            continue
        block_id, action_id = block["block_id"], element["action_id"]
        before = kept.get(block_id, {}).get(action_id)
        same_kind = before is not None and before["type"] == element["type"]
        values.setdefault(block_id, {})[action_id] = before if before and same_kind else state
    return values

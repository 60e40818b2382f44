"""Who is who: auth.test, users.*, usergroups.*, bots.info, team.info, and the socket's address."""

from sandbox.slack.errors import ApiError
from sandbox.slack.group_events import members_changed
from sandbox.slack.methods.registry import Call, Method, page, user_of
from sandbox.slack.model import JsonObject, User
from sandbox.slack.shapes import api_group, api_user

_USERS = frozenset({"users:read"})
_GROUPS = frozenset({"usergroups:read"})


def _auth_test(call: Call) -> JsonObject:
    app, workspace = call.core.app, call.core.workspace
    return {
        "url": f"https://{workspace.domain}.slack.example/",
        "team": workspace.name,
        "user": workspace.user(app.bot_user).name,
        "team_id": workspace.team_id,
        "user_id": app.bot_user,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


def _connections_open(call: Call) -> JsonObject:
    core = call.core
    if not core.app.manifest.socket_mode:
        raise ApiError("forbidden_team")
    base = core.base_url.replace("http", "ws", 1)
    return {"url": f"{base}/socket?ticket={core.hub.issue_ticket()}&app_id={core.app.app_id}"}


def _shape(call: Call, user: User, *, with_locale: bool = False) -> JsonObject:
    workspace = call.core.workspace
    return api_user(
        user,
        team_id=workspace.team_id,
        at=workspace.clock.now(),
        with_email="users:read.email" in call.core.granted,
        with_locale=with_locale,
    )


def _users_info(call: Call) -> JsonObject:
    user = user_of(call, call.args.need("user"))
    return {"user": _shape(call, user, with_locale=call.args.flag("include_locale"))}


def _users_list(call: Call) -> JsonObject:
    users, cursor = page(call, list(call.core.workspace.users.values()), default=1000, most=1000)
    with_locale = call.args.flag("include_locale")
    members = [_shape(call, user, with_locale=with_locale) for user in users]
    at = int(call.core.clock.now().timestamp())
    return {"members": members, "cache_ts": at, "response_metadata": {"next_cursor": cursor}}


def _lookup(call: Call) -> JsonObject:
    email = call.args.need("email").lower()
    for user in call.core.workspace.users.values():
        if user.email and user.email.lower() == email and not user.deleted:
            return {"user": _shape(call, user)}
    raise ApiError("users_not_found")


def _groups_list(call: Call) -> JsonObject:
    workspace = call.core.workspace
    groups = [
        api_group(group, team_id=workspace.team_id, with_users=call.args.flag("include_users"))
        for group in workspace.groups.values()
        if call.args.flag("include_disabled") or not group.disabled
    ]
    return {"usergroups": groups}


def _group_users(call: Call) -> JsonObject:
    group = call.core.workspace.groups.get(call.args.need("usergroup"))
    if group is None or (group.disabled and not call.args.flag("include_disabled")):
        raise ApiError("no_such_subteam")
    return {"users": list(group.users)}


def _group_update(call: Call) -> JsonObject:
    workspace = call.core.workspace
    group = workspace.groups.get(call.args.need("usergroup"))
    if group is None or group.disabled:
        raise ApiError("invalid_users")
    people = [one for one in (call.args.text("users") or "").split(",") if one]
    if not people:
        raise ApiError("no_users_provided")
    known = [workspace.users.get(one) for one in people]
    if any(one is None or one.deleted or one.is_restricted for one in known):
        raise ApiError("failed_for_some_users")
    before, group.users = set(group.users), list(dict.fromkeys(people))
    call.core.link.event(members_changed(workspace, group, before))
    return {"usergroup": api_group(group, team_id=workspace.team_id, with_users=True)}


def _bots_info(call: Call) -> JsonObject:
    app = call.core.app
    wanted = call.args.text("bot")
    if wanted != app.bot_id:
        raise ApiError("bot_not_found")
    return {
        "bot": {
            "id": app.bot_id,
            "deleted": False,
            "name": app.manifest.bot_name,
            "updated": 0,
            "app_id": app.app_id,
            "user_id": app.bot_user,
        }
    }


def _team_info(call: Call) -> JsonObject:
    workspace = call.core.workspace
    return {"team": {"id": workspace.team_id, "name": workspace.name, "domain": workspace.domain}}


PEOPLE_METHODS = (
    Method(name="auth.test", tier=5, run=_auth_test),
    Method(
        name="apps.connections.open",
        tier=3,
        run=_connections_open,
        caller="app",
        errors=frozenset({"forbidden_team"}),
    ),
    Method(
        name="users.info",
        tier=4,
        run=_users_info,
        scopes=_USERS,
        errors=frozenset({"user_not_found"}),
    ),
    Method(
        name="users.list",
        tier=2,
        run=_users_list,
        scopes=_USERS,
        errors=frozenset({"invalid_cursor"}),
    ),
    Method(
        name="users.lookupByEmail",
        tier=3,
        run=_lookup,
        scopes=frozenset({"users:read.email"}),
        errors=frozenset({"users_not_found"}),
    ),
    Method(name="usergroups.list", tier=2, run=_groups_list, scopes=_GROUPS),
    Method(
        name="usergroups.users.list",
        tier=2,
        run=_group_users,
        scopes=_GROUPS,
        errors=frozenset({"no_such_subteam"}),
    ),
    Method(
        name="usergroups.users.update",
        tier=2,
        run=_group_update,
        scopes=frozenset({"usergroups:write"}),
        errors=frozenset({"invalid_users", "no_users_provided", "failed_for_some_users"}),
    ),
    Method(
        name="bots.info",
        tier=3,
        run=_bots_info,
        scopes=_USERS,
        errors=frozenset({"bot_not_found"}),
    ),
    Method(name="team.info", tier=3, run=_team_info, scopes=frozenset({"team:read"})),
)

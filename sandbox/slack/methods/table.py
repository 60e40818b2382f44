"""Every Web API method the sandbox has, by name."""

from collections.abc import Mapping

from sandbox.slack.methods.chat import CHAT_METHODS
from sandbox.slack.methods.conversations import CONVERSATION_METHODS
from sandbox.slack.methods.files import FILE_METHODS
from sandbox.slack.methods.lint import LINT_METHODS
from sandbox.slack.methods.people import PEOPLE_METHODS
from sandbox.slack.methods.pins import PIN_METHODS
from sandbox.slack.methods.reactions import REACTION_METHODS
from sandbox.slack.methods.registry import Method
from sandbox.slack.methods.views import VIEW_METHODS

METHODS: Mapping[str, Method] = {
    method.name: method
    for method in (
        *CHAT_METHODS,
        *CONVERSATION_METHODS,
        *FILE_METHODS,
        *LINT_METHODS,
        *PEOPLE_METHODS,
        *PIN_METHODS,
        *REACTION_METHODS,
        *VIEW_METHODS,
    )
}

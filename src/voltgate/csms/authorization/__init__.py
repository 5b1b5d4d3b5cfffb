"""Block C, authorization: owns the tokens and is the only place that judges them.

`look_up` and `judge` answer for Authorize and for transaction events alike; `grant` lets an operator start with a token nobody knows.
"""

from voltgate.csms.authorization.commands import COMMANDS, grant
from voltgate.csms.authorization.handlers import HANDLERS, describe, look_up, policy_of, refuses_concurrent
from voltgate.csms.authorization.model import NO_AUTHORIZATION, Known, Policy, Status, Token, judge, key_of
from voltgate.csms.authorization.routes import ROUTES
from voltgate.csms.authorization.store import TOKENS, read_token, write_token

__all__ = [
    "COMMANDS",
    "HANDLERS",
    "NO_AUTHORIZATION",
    "ROUTES",
    "TOKENS",
    "Known",
    "Policy",
    "Status",
    "Token",
    "describe",
    "grant",
    "judge",
    "key_of",
    "look_up",
    "policy_of",
    "read_token",
    "refuses_concurrent",
    "write_token",
]

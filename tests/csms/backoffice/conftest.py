"""The same application and clients as the tests of the API."""

from tests.csms.api.conftest import admin, commands, context, routes, stranger

__all__ = ["admin", "commands", "context", "routes", "stranger"]

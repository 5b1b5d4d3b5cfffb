"""The same context as the tests of the API."""

from tests.csms.api.conftest import context

__all__ = ["context"]

"""All routes of the back office."""

from typing import Any

from voltgate.csms.backoffice.audit.routes import ROUTES as AUDIT
from voltgate.csms.backoffice.operators.routes import ROUTES as OPERATORS

ROUTES: list[Any] = [*OPERATORS, *AUDIT]

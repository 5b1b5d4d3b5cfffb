"""All routes of the back office."""

from typing import Any

from voltgate.csms.backoffice.alarms.routes import ROUTES as ALARMS
from voltgate.csms.backoffice.audit.routes import ROUTES as AUDIT
from voltgate.csms.backoffice.operators.routes import ROUTES as OPERATORS
from voltgate.csms.backoffice.sites.routes import ROUTES as SITES
from voltgate.csms.backoffice.statistics.routes import ROUTES as STATISTICS

ROUTES: list[Any] = [*OPERATORS, *SITES, *ALARMS, *STATISTICS, *AUDIT]

"""Statistics: the numbers of the overview, counted when they are asked for. It owns no table; it reads those of the rooms."""

from voltgate.csms.backoffice.statistics.power import PowerPoint, power_over_time
from voltgate.csms.backoffice.statistics.store import Day, Overview, count_evses, count_overview, energy_by_day

__all__ = ["Day", "Overview", "PowerPoint", "count_evses", "count_overview", "energy_by_day", "power_over_time"]

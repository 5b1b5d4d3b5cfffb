"""The hardware of an EVSE: the port the station relies on, and a simulated one behind it."""

from voltgate.station.hardware.port import EvseHardware, PhaseReading, PowerSpec, Reading
from voltgate.station.hardware.simulated import SimulatedEvse
from voltgate.station.hardware.vehicle import Vehicle

__all__ = ["EvseHardware", "PhaseReading", "PowerSpec", "Reading", "SimulatedEvse", "Vehicle"]

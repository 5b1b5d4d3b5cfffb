"""The device model of the station: components and variables, who may set them, and to what (blocks B05..B08)."""

from voltgate.station.device_model.catalogue import AUTHORIZATION_KEY, configuration_keys, station_variables
from voltgate.station.device_model.model import DataKind, DeviceModel, GetResult, Key, SetResult, Variable

__all__ = [
    "AUTHORIZATION_KEY",
    "DataKind",
    "DeviceModel",
    "GetResult",
    "Key",
    "SetResult",
    "Variable",
    "configuration_keys",
    "station_variables",
]

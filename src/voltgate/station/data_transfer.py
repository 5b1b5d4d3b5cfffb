"""Block P, data transfer: the station knows no vendor's extensions."""

from voltgate.ocpp import v21
from voltgate.station.station import Station


def handle_data_transfer(_request: v21.DataTransferRequest, _station: Station) -> v21.DataTransferResponse:
    """P01.FR.05, P01.FR.06."""
    return v21.DataTransferResponse(status="UnknownVendorId")


HANDLERS = {"DataTransfer": handle_data_transfer}

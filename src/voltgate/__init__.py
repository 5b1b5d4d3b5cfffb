"""voltgate: an open OCPP platform. Start with docs/tour.md."""

__version__ = "0.1.0"

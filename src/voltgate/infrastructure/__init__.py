"""What the program stands on: database, bus, clock, settings, logs, metrics. Knows nothing of OCPP."""

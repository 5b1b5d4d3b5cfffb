"""The language: OCPP messages, rules and dialects, without any I/O."""

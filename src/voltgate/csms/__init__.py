"""The central system (CSMS): rooms A to S of the specification around one hall, `stations`."""

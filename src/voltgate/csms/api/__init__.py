"""The HTTP API: mounts each room's routes, lets people and programs in, answers errors as problem+json, describes itself as OpenAPI.

Rooms import `problems` and `pagination` from here; only the composition root imports `app`.
"""

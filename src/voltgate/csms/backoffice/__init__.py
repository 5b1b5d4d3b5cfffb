"""The back office: what an installation needs besides the specification.

It owns operators, their sessions and API keys, sites, alarms and the audit log, and counts things for the overview.
It may look into every room through its front door; no room imports it.
"""

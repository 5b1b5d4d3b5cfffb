"""What 1.6 says and 2.1 has no word for travels in ``customData.ocpp16``, so that it can be stored, shown and said again."""

from typing import Any

VENDOR = "org.voltgate"
KEPT = "ocpp16"


def keep(**facts: Any) -> dict[str, Any] | None:
    """A customData with the facts that are there; None when there are none."""
    there = {name: value for name, value in facts.items() if value is not None}
    return {"vendorId": VENDOR, KEPT: there} if there else None


def kept(custom_data: dict[str, Any] | None, name: str) -> Any:
    """A fact that `keep` put there, or None."""
    facts = (custom_data or {}).get(KEPT)
    return facts.get(name) if isinstance(facts, dict) else None

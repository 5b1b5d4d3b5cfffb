"""The message log: every frame in both directions, as it was on the wire, for as long as the retention says.

Not a block of the specification. Owns the table `frames`. Passwords are blanked out before a frame is kept.
"""

from voltgate.csms.message_log.model import Direction, Frame, FrameIds, Kind, kind_of
from voltgate.csms.message_log.routes import ROUTES
from voltgate.csms.message_log.store import TOPIC, keep_exchange, keep_frame, last_frame_id, prune_frames
from voltgate.csms.message_log.views import Message, MessageFilter, list_messages

__all__ = [
    "ROUTES",
    "TOPIC",
    "Direction",
    "Frame",
    "FrameIds",
    "Kind",
    "Message",
    "MessageFilter",
    "keep_exchange",
    "keep_frame",
    "kind_of",
    "last_frame_id",
    "list_messages",
    "prune_frames",
]

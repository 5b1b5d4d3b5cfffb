"""The message log: every frame in both directions, as it was on the wire, for as long as the retention says.

Not a block of the specification. Owns the table `frames`. Passwords are blanked out before a frame is kept.
"""

from voltgate.csms.message_log.model import Frame, FrameIds
from voltgate.csms.message_log.routes import ROUTES
from voltgate.csms.message_log.store import keep_frame, last_frame_id, prune_frames
from voltgate.csms.message_log.views import Message, MessageFilter, list_messages

__all__ = ["ROUTES", "Frame", "FrameIds", "Message", "MessageFilter", "keep_frame", "last_frame_id", "list_messages", "prune_frames"]

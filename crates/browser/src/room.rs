//! Links as a page needs them.

use eyeline_protocol::ids::RoomSecret;
use eyeline_protocol::link::Link;
use eyeline_seal::entropy::{Entropy, OperatingSystem};
use eyeline_seal::keys::RoomKeys;

/// A link to a new room, from the operating system's randomness; `None` if there is none to be had.
pub fn draw_link() -> Option<Link> {
    OperatingSystem.draw().ok().map(|secret| Link { secret: RoomSecret(secret), host: None })
}

/// The name under which the server knows the room: for remembering something of a room on this device without its secret.
pub fn public_name(link: &Link) -> String {
    RoomKeys::derive(&link.secret).room_id().to_string()
}

//! Links as a page needs them.

use eyeline_protocol::ids::RoomSecret;
use eyeline_protocol::link::Link;
use eyeline_seal::entropy::{Entropy, OperatingSystem};

/// A link to a new room, from the operating system's randomness; `None` if there is none to be had.
pub fn draw_link() -> Option<Link> {
    OperatingSystem.draw().ok().map(|secret| Link { secret: RoomSecret(secret), host: None })
}

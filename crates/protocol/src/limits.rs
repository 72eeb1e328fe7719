//! Every limit and default of the signaling service, in one place. The server makes each one a setting.

use crate::Milliseconds;

/// What one WebSocket, one room and one address may use.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Bytes of one WebSocket message (a batch of records) after `Join`.
    pub message_bytes: usize,
    /// Bytes of one WebSocket message before `Join`.
    pub message_bytes_before_join: usize,
    /// From the end of the WebSocket handshake to `Join`.
    pub join_deadline: Milliseconds,
    /// Records a second a member may send, on average.
    pub records_per_second: u32,
    /// Records a member may send at once.
    pub records_burst: u32,
    /// Bytes a second a member may send, on average.
    pub bytes_per_second: u32,
    /// Bytes a member may send at once.
    pub bytes_burst: u32,
    /// Records a second somebody in the lobby may send, on average: enough to connect in advance, no more.
    pub lobby_records_per_second: u32,
    /// Records somebody in the lobby may send at once.
    pub lobby_records_burst: u32,
    /// Bytes a second somebody in the lobby may send, on average.
    pub lobby_bytes_per_second: u32,
    /// Bytes somebody in the lobby may send at once.
    pub lobby_bytes_burst: u32,
    /// Bytes waiting for one slow reader before its connection is closed.
    pub outgoing_queue_bytes: usize,
    /// Members of a room in the call.
    pub members_in_call: usize,
    /// Members above `members_in_call` for those who were in the call before (they name someone present as
    /// connected): the server may have restarted, and nobody is thrown out of a call that goes on.
    pub members_in_call_returning: usize,
    /// Members of a room in the lobby.
    pub members_in_lobby: usize,
    /// How long somebody may stay in the lobby.
    pub lobby_stay: Milliseconds,
    /// Open WebSockets of one address (IPv4, or IPv6 /64).
    pub sockets_per_address: usize,
    /// Joins a minute of one address, averaged; as many may come at once.
    pub joins_per_minute: u32,
    /// The server pings a connection that was silent for this long (± 20 %).
    pub ping_after_silence: Milliseconds,
    /// From a ping to any sign of life, or the connection is closed.
    pub pong_deadline: Milliseconds,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 64 * 1024,
            message_bytes_before_join: 8 * 1024,
            join_deadline: Milliseconds::seconds(10),
            records_per_second: 30,
            records_burst: 120,
            bytes_per_second: 64 * 1024,
            bytes_burst: 512 * 1024,
            lobby_records_per_second: 10,
            // Eight offers (padded: 4 KiB), eight batches or two of candidates (1 KiB), and some to spare.
            lobby_records_burst: 80,
            lobby_bytes_per_second: 16 * 1024,
            lobby_bytes_burst: 192 * 1024,
            // Two full messages: a roster of 24 with a description from each must fit.
            outgoing_queue_bytes: 512 * 1024,
            members_in_call: 8,
            members_in_call_returning: 16,
            members_in_lobby: 16,
            lobby_stay: Milliseconds::seconds(30 * 60),
            sockets_per_address: 64,
            joins_per_minute: 20,
            ping_after_silence: Milliseconds::seconds(30),
            pong_deadline: Milliseconds::seconds(10),
        }
    }
}

/// How long a room is kept for those whose connection to the server was lost: their call may go on, and with it the
/// relay they use. As long as a peer waits for another before it leaves the screen.
pub const ROOM_GRACE: Milliseconds = Milliseconds::seconds(60);
/// The longest sealed part of one record: a padded message of 16 KiB with nonce, tag and headers.
pub const SEALED_BYTES: usize = 17 * 1024;
/// The longest session description a peer may send, in bytes of text.
pub const DESCRIPTION_BYTES: usize = 15 * 1024;
/// The most candidates in one message.
pub const CANDIDATES_IN_MESSAGE: usize = 16;
/// The longest candidate line, in bytes.
pub const CANDIDATE_BYTES: usize = 512;
/// The longest display name, in characters.
pub const NAME_CHARACTERS: usize = 64;
/// Records a peer keeps for another until they are acknowledged.
pub const UNACKNOWLEDGED_RECORDS: usize = 64;
/// Bytes a peer keeps for another until they are acknowledged.
pub const UNACKNOWLEDGED_BYTES: usize = 64 * 1024;

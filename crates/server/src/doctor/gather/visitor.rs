//! A visitor: joins a room over a WebSocket, as the page does.

use super::PATIENCE;
use super::dial::Stream;
use crate::doctor::facts::{JoinFailure, Target};
use eyeline_protocol::ids::{ConnectionCounter, PeerId, PeerToken, PublicKey, RoomToken};
use eyeline_protocol::outer::{ClientRecord, Join, LeaveReason, Phase, SUBPROTOCOL, ServerRecord, Welcome};
use futures_util::{SinkExt as _, StreamExt as _};
use http::HeaderValue;
use http::header::{ORIGIN, SEC_WEBSOCKET_PROTOCOL};
use std::io;
use tokio::time::timeout;
use tokio_websockets::{ClientBuilder, Error, Message, WebSocketStream, upgrade};

/// A room that nobody else knows.
pub(super) struct Rendezvous(RoomToken);

impl Rendezvous {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(RoomToken(random()?)))
    }
}

/// Somebody in the room's lobby.
pub(super) struct Visitor {
    pub(super) welcome: Welcome,
    id: PeerId,
    socket: WebSocketStream<Box<dyn Stream>>,
}

impl Visitor {
    /// Joins over an open connection to the page's port.
    pub(super) async fn join(
        stream: Box<dyn Stream>,
        target: &Target,
        room: &Rendezvous,
    ) -> Result<Self, JoinFailure> {
        timeout(PATIENCE, Self::join_patiently(stream, target, room))
            .await
            .unwrap_or(Err(JoinFailure::Silent))
    }

    async fn join_patiently(
        stream: Box<dyn Stream>,
        target: &Target,
        room: &Rendezvous,
    ) -> Result<Self, JoinFailure> {
        let failed = |error: &dyn ToString| JoinFailure::Failed(error.to_string());
        // The scheme is not used on a stream that is already there, but gives `Host` its default port.
        let scheme = if target.secure { "wss" } else { "ws" };
        let origin = HeaderValue::from_str(&target.to_string()).map_err(|error| failed(&error))?;
        let (mut socket, _) = ClientBuilder::new()
            .uri(&format!("{scheme}://{}/signal", target.authority()))
            .map_err(|error| failed(&error))?
            .add_header(ORIGIN, origin)
            .and_then(|builder| {
                builder.add_header(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL))
            })
            .map_err(|error| failed(&error))?
            .connect_on(stream)
            .await
            .map_err(|error| match error {
                Error::Upgrade(upgrade::Error::DidNotSwitchProtocols(status)) => {
                    JoinFailure::NoUpgrade(status)
                }
                other => failed(&other),
            })?;

        let (key, token) = identity().map_err(|error| failed(&error))?;
        let mut message = Vec::new();
        let join = Join {
            phase: Phase::Lobby,
            capabilities: 0,
            counter: ConnectionCounter(1),
            room_token: room.0,
            peer_token: token,
            public_key: key,
            connected: Vec::new(),
        };
        ClientRecord::Join(join).write(&mut message);
        socket.send(Message::binary(message)).await.map_err(|error| failed(&error))?;
        while let Some(message) = socket.next().await {
            let message = message.map_err(|error| failed(&error))?;
            if let Some((code, _)) = message.as_close() {
                return Err(JoinFailure::Closed(code.into()));
            }
            let payload = message.into_payload();
            for record in ServerRecord::parse(&payload) {
                if let Ok(ServerRecord::Welcome(welcome)) = record {
                    return Ok(Self { welcome, id: PeerId::derive(&key, &token.hash()), socket });
                }
            }
        }
        Err(JoinFailure::Failed("the connection ended before the welcome".to_owned()))
    }

    /// Whether `other` has come to the same room of the same server.
    pub(super) async fn meets(&mut self, other: &Self) -> bool {
        let met = async {
            while let Some(Ok(message)) = self.socket.next().await {
                let payload = message.into_payload();
                let came = |record| matches!(record, Ok(ServerRecord::Joined(id, _)) if id == other.id);
                if ServerRecord::parse(&payload).any(came) {
                    return true;
                }
            }
            false
        };
        timeout(PATIENCE, met).await.unwrap_or(false)
    }

    /// Says goodbye. Whether it arrives does not matter: the connection ends.
    pub(super) async fn leave(mut self) {
        let mut message = Vec::new();
        ClientRecord::Leave(LeaveReason::PageClosed).write(&mut message);
        let _sent = timeout(PATIENCE, self.socket.send(Message::binary(message))).await;
    }
}

fn identity() -> io::Result<(PublicKey, PeerToken)> {
    Ok((PublicKey(random()?), PeerToken(random()?)))
}

fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

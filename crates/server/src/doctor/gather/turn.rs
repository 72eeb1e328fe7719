//! One end of a relayed exchange: an allocation and a channel. What is refused is a failure here.

use super::dial::reach;
use crate::doctor::facts::{Reach, RelayFailure, RelayReason, RelayStep};
use crate::local_addresses::unspecified;
use eyeline_turn_client::{Answer, Client, Error, Link, Packet, Result};
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::time::Duration;
use stun_types::attribute::ErrorCode;
use tokio::time::timeout;

/// How long an answer is waited for.
const ANSWER_PATIENCE: Duration = Duration::from_millis(3500);

/// How long one for the end of an allocation, which matters to nobody else.
const RELEASE_PATIENCE: Duration = Duration::from_secs(1);

/// The lowest channel (RFC 8656, 12).
const CHANNEL: u16 = 0x4000;

/// UDP from a port of its own.
pub(super) async fn datagrams(server: SocketAddr) -> Result<Link> {
    Link::udp(unspecified(server), server).await
}

/// A client that waits as long as an examination does.
pub(super) fn client(link: Link, (username, password): (&str, &str)) -> Client {
    let mut client = Client::new(link, username, password);
    client.patience = ANSWER_PATIENCE;
    client
}

/// What an error says about a step.
pub(super) fn at<E: Into<RelayReason>>(step: RelayStep) -> impl Fn(E) -> RelayFailure {
    move |error| RelayFailure { step, reason: error.into() }
}

impl From<Reach> for RelayReason {
    fn from(reach: Reach) -> Self {
        Self::Reach(reach)
    }
}

impl From<Error> for RelayReason {
    fn from(error: Error) -> Self {
        match error {
            Error::Link(error) => Self::Reach(reach(&error)),
            Error::Nonsense(words) => Self::Nonsense(words),
        }
    }
}

type Outcome<T> = std::result::Result<T, RelayReason>;

/// A request under way.
type Asked<'a> = Pin<Box<dyn Future<Output = Result<Answer>> + Send + 'a>>;

/// An allocation on the relay.
pub(super) struct Allocation {
    client: Client,
    pub(super) relayed: SocketAddr,
    pub(super) mapped: SocketAddr,
}

impl Allocation {
    /// Asks without the credential first, as every client does.
    pub(super) async fn new(mut client: Client) -> std::result::Result<Self, RelayFailure> {
        challenge(&mut client).await.map_err(at(RelayStep::Challenge))?;
        let [relayed, mapped] = allocate(&mut client).await.map_err(at(RelayStep::Allocate))?;
        Ok(Self { client, relayed, mapped })
    }

    /// Lets a peer's address send to us.
    pub(super) async fn permit(&mut self, peer: IpAddr) -> Outcome<()> {
        accepted(&mut self.client, |client| Box::pin(client.permit(peer))).await.map(drop)
    }

    /// Binds the one channel to a peer.
    pub(super) async fn bind_channel(&mut self, peer: SocketAddr) -> Outcome<()> {
        accepted(&mut self.client, |client| Box::pin(client.bind(CHANNEL, peer))).await.map(drop)
    }

    /// Sends to the channel's peer.
    pub(super) async fn send(&mut self, data: &[u8]) -> Result<()> {
        self.client.send_channel(CHANNEL, data).await
    }

    /// What the channel's peer sent.
    pub(super) async fn receive(&mut self) -> Result<Vec<u8>> {
        loop {
            if let Packet::Channel { channel: CHANNEL, payload } = self.client.receive().await? {
                return Ok(payload);
            }
        }
    }

    /// Gives it back at once, so that the next check finds the quota as it was.
    pub(super) async fn release(mut self) {
        let ended = accepted(&mut self.client, |client| Box::pin(client.refresh(0)));
        let _whatever = timeout(RELEASE_PATIENCE, ended).await;
    }
}

async fn challenge(client: &mut Client) -> Outcome<()> {
    match client.challenge().await?.code()? {
        ErrorCode::UNAUTHORIZED => Ok(()),
        0 => Err(RelayReason::Nonsense("it gives an allocation without a credential".to_owned())),
        other => Err(RelayReason::Code(other)),
    }
}

/// The relayed address, and that with which the relay sees us.
async fn allocate(client: &mut Client) -> Outcome<[SocketAddr; 2]> {
    let answer = accepted(client, |client| Box::pin(client.allocate())).await?;
    Ok([answer.relayed()?, answer.mapped()?])
}

/// A request, and once more if the server wants another nonce, which the client has by then (RFC 8489, 9.2.5).
async fn accepted(client: &mut Client, ask: impl Fn(&mut Client) -> Asked<'_>) -> Outcome<Answer> {
    let mut answer = ask(client).await?;
    if answer.code()? == ErrorCode::STALE_NONCE {
        answer = ask(client).await?;
    }
    match answer.code()? {
        0 => Ok(answer),
        code => Err(RelayReason::Code(code)),
    }
}

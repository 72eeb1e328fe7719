//! A STUN Binding, as a browser asks for it (RFC 8489).

use super::dial::reach;
use super::{Tools, turn};
use crate::doctor::facts::{Reach, StunProbe};
use eyeline_turn_client::Error;
use std::net::SocketAddr;
use std::sync::Arc;

/// Asks one server for our address.
pub(super) async fn probe(_: Arc<Tools>, (url, server, second): (String, SocketAddr, bool)) -> StunProbe {
    StunProbe { url, server, mapped: mapped(server).await, second }
}

async fn mapped(server: SocketAddr) -> Result<SocketAddr, Reach> {
    let unanswered = |error| match error {
        Error::Link(error) => reach(&error),
        Error::Nonsense(words) => Reach::Failed(words),
    };
    let link = turn::datagrams(server).await.map_err(unanswered)?;
    let answer = turn::client(link, ("", "")).binding().await.map_err(unanswered)?;
    answer.mapped().map_err(|_| Reach::Failed("the answer is not STUN".to_owned()))
}

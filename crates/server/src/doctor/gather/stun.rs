//! A STUN Binding, as a browser asks for it (RFC 8489).

use super::Tools;
use super::dial::reach;
use super::turn::{Link, RelayError};
use crate::doctor::facts::{Reach, RelayReason, StunProbe};
use std::net::SocketAddr;
use std::sync::Arc;
use stun_types::attribute::XorMappedAddress;
use stun_types::message::{BINDING, Message, MessageWriteVec};
use stun_types::prelude::MessageWrite as _;

/// Asks one server for our address.
pub(super) async fn probe(_: Arc<Tools>, (url, server, second): (String, SocketAddr, bool)) -> StunProbe {
    StunProbe { url, server, mapped: mapped(server).await, second }
}

async fn mapped(server: SocketAddr) -> Result<SocketAddr, Reach> {
    let mut link = Link::datagram(server).await.map_err(|error| reach(&error))?;
    let request = Message::builder_request(BINDING, MessageWriteVec::new()).finish();
    let answer = link.exchange(&request).await.map_err(|error| match error {
        RelayError(RelayReason::Reach(reach)) => reach,
        other => Reach::Failed(other.to_string()),
    })?;
    let address = Message::from_bytes(&answer).ok().and_then(|message| {
        let address = message.attribute::<XorMappedAddress>().ok()?;
        Some(address.addr(message.transaction_id()))
    });
    address.ok_or_else(|| Reach::Failed("the answer is not STUN".to_owned()))
}

//! The relay: a whole exchange over each transport, and what must be refused.

use super::dial::dial;
use super::turn::{Allocation, at, client, datagrams};
use super::{Tools, username_and_password};
use crate::Configuration;
use crate::doctor::facts::{
    Reach, Refusal, Refused, RelayFailure, RelayProbe, RelayReason, RelayStep, Relayed, Transport,
};
use crate::relay::key::{self, KeyPlace};
use eyeline_protocol::outer::{IceServer, Welcome};
use eyeline_relay::credential::{self, Credential};
use eyeline_turn_client::Link;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// One transport at one address, with the credentials of two members of one room.
pub(super) struct Wanted {
    pub(super) transport: Transport,
    pub(super) server: SocketAddr,
    pub(super) ends: [IceServer; 2],
}

/// Sent there and back: as long as a packet of video.
const PAYLOAD_BYTES: usize = 1100;

/// How often the payload is sent, and how long each time is waited: datagrams may be lost.
const ECHO_ROUNDS: usize = 5;
const ECHO_WAIT: Duration = Duration::from_millis(500);

/// Addresses that a relay must never send to: the metadata service of clouds, and the relay's own machine in the
/// ways that have been used to reach it (CVE-2020-26262, CVE-2026-27624; RFC 6052 for the last).
const INSIDE: [&str; 5] = ["169.254.169.254", "127.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"];

/// How long ago the credential that must be refused has ended.
const EXPIRED_SECONDS: u64 = 3600;

/// Everything from the connection to the echo.
pub(super) async fn probe(tools: Arc<Tools>, wanted: Wanted) -> RelayProbe {
    let Wanted { transport, server, ends } = wanted;
    let outcome = exchange(&tools, transport, server, &ends).await;
    let [IceServer { url, .. }, _] = ends;
    RelayProbe { url, transport, server, outcome }
}

type Step<T> = Result<T, RelayFailure>;

async fn exchange(
    tools: &Tools,
    transport: Transport,
    server: SocketAddr,
    ends: &[IceServer; 2],
) -> Step<Relayed> {
    let [one, other] = ends;
    let mut one = allocate(tools, transport, server, username_and_password(one)).await?;
    let mut other = match allocate(tools, transport, server, username_and_password(other)).await {
        Ok(other) => other,
        Err(error) => {
            one.release().await;
            return Err(error);
        }
    };
    let echoed = echo(&mut one, &mut other).await;
    let (relayed, mapped) = (one.relayed, one.mapped);
    tokio::join!(one.release(), other.release());
    Ok(Relayed { relayed, mapped, echo_milliseconds: echoed? })
}

async fn allocate(
    tools: &Tools,
    transport: Transport,
    server: SocketAddr,
    credential: (&str, &str),
) -> Step<Allocation> {
    let link = connect(tools, transport, server).await.map_err(at(RelayStep::Connect))?;
    Allocation::new(client(link, credential)).await
}

async fn connect(tools: &Tools, transport: Transport, server: SocketAddr) -> Result<Link, RelayReason> {
    if transport == Transport::Udp {
        return Ok(datagrams(server).await?);
    }
    let stream = dial(server).await?;
    if transport == Transport::Tcp {
        return Ok(Link::stream(stream));
    }
    let (stream, _) = tools.tls.connect(stream, &tools.target.host).await;
    Ok(Link::stream(stream.map_err(Reach::Failed)?))
}

/// From the one allocation to the other and back.
async fn echo(one: &mut Allocation, other: &mut Allocation) -> Step<u64> {
    let (here, there) = (one.relayed, other.relayed);
    one.permit(there.ip()).await.map_err(at(RelayStep::Permission))?;
    other.permit(here.ip()).await.map_err(at(RelayStep::Permission))?;
    one.bind_channel(there).await.map_err(at(RelayStep::Channel))?;
    other.bind_channel(here).await.map_err(at(RelayStep::Channel))?;

    let nonsense = |words| at(RelayStep::Echo)(RelayReason::Nonsense(words));
    let mut payload = [0; PAYLOAD_BYTES];
    getrandom::fill(&mut payload).map_err(|error| nonsense(error.to_string()))?;
    for _ in 0..ECHO_ROUNDS {
        let begun = Instant::now();
        one.send(&payload).await.map_err(at(RelayStep::Echo))?;
        let there_and_back = async {
            let received = other.receive().await?;
            other.send(&received).await?;
            one.receive().await
        };
        match timeout(ECHO_WAIT, there_and_back).await {
            Ok(Ok(received)) if received == payload => {
                return Ok(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX));
            }
            Ok(Ok(_)) => return Err(nonsense("what comes back is not what was sent".to_owned())),
            Ok(Err(error)) => return Err(at(RelayStep::Echo)(error)),
            Err(_) => {}
        }
    }
    Err(at(RelayStep::Echo)(Reach::Silent))
}

/// Asks a relay that works for what it must refuse.
pub(super) async fn refusals(
    tools: &Tools,
    probes: &[RelayProbe],
    welcome: &Welcome,
    configuration: &Configuration,
) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let Some(probe) = probes.iter().find(|probe| probe.outcome.is_ok()) else { return refusals };
    let Some(server) = welcome.ice_servers.iter().find(|server| server.url == probe.url) else {
        return refusals;
    };
    let allocate = async |username: &str, password: &str| {
        let allocated = allocate(tools, probe.transport, probe.server, (username, password)).await;
        allocated.map_err(|failure| failure.reason)
    };

    if let Ok(mut allocation) = allocate(&server.username, &server.credential).await {
        let inside = INSIDE.iter().filter_map(|address| address.parse::<IpAddr>().ok());
        // A relay on trial gives out a loopback address, and must then take it as a peer's.
        let on_trial = allocation.relayed.ip().is_loopback();
        let inside = inside.filter(|address| !on_trial || is_link_local(*address)).map(Refused::Inside);
        let outside = is_public(allocation.mapped.ip()).then(|| Refused::Outside(allocation.mapped.ip()));
        for of in inside.chain(outside) {
            let (Refused::Inside(peer) | Refused::Outside(peer)) = of else { continue };
            refusals.push(refusal(of, allocation.permit(peer).await));
        }
        allocation.release().await;
    }
    let wrong = [(Refused::WrongPassword, server.username.clone(), "wrong".to_owned())];
    let expired = expired(configuration, server);
    let expired = expired.map(|(username, password)| (Refused::Expired, username, password));
    for (of, username, password) in wrong.into_iter().chain(expired) {
        let allocated = allocate(&username, &password).await;
        let outcome = match allocated {
            Ok(allocation) => {
                allocation.release().await;
                Ok(())
            }
            Err(reason) => Err(reason),
        };
        refusals.push(refusal(of, outcome));
    }
    refusals
}

/// The visitor's credential as it would have been made long ago; only if the relay's key can be read here, and is the
/// one that the visitor's own credential was made with.
fn expired(configuration: &Configuration, server: &IceServer) -> Option<(String, String)> {
    let (KeyPlace::File(file) | KeyPlace::UsualFile(file)) = &configuration.relay.key else { return None };
    let key = key::read(file).ok()?;
    let genuine = Credential { username: server.username.clone(), password: server.credential.clone() };
    let username = credential::verify(&key, &genuine, 0)?;
    let expiry = crate::unix_seconds().saturating_sub(EXPIRED_SECONDS);
    let Credential { username, password } = credential::mint(&key, username.room, username.peer, expiry);
    Some((username, password))
}

fn refusal(of: Refused, outcome: Result<(), RelayReason>) -> Refusal {
    let code = match outcome {
        Ok(()) => Ok(None),
        Err(RelayReason::Code(code)) => Ok(Some(code)),
        Err(RelayReason::Reach(reach)) => Err(reach),
        Err(RelayReason::Nonsense(error)) => Err(Reach::Failed(error)),
    };
    Refusal { of, code }
}

/// Of [`INSIDE`], the one that is no spelling of a loopback address.
fn is_link_local(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if address.is_link_local())
}

/// Whether asking for this address tells an open relay from a closed one, which both refuse private ones.
fn is_public(address: IpAddr) -> bool {
    crate::doctor::findings::is_public(address)
}

//! Datagrams between a home and two hosts, sent and watched from one place: a socket belongs to the network it was
//! opened in, whoever uses it.

use anyhow::{Context as _, Result, bail, ensure};
use eyeline_netlab::kind::{Filtering, Mapping};
use eyeline_netlab::{Host, Internet, Network};
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;

/// For what must arrive: a loaded machine may take long, and a test that passes does not wait.
const PATIENCE: Duration = Duration::from_secs(5);
/// For what must not arrive, after something sent later has arrived.
const MOMENT: Duration = Duration::from_millis(20);

/// Two hosts with two sockets each.
pub(crate) struct Outside {
    /// Address 1 port 1, address 1 port 2, address 2 port 1, address 2 port 2.
    pub(crate) sockets: [UdpSocket; 4],
    _hosts: [Host; 2],
}

impl Outside {
    pub(crate) fn new(internet: &Internet) -> Result<Self> {
        let hosts = [internet.host()?, internet.host()?];
        let [one, two] = &hosts;
        let sockets = [
            socket(&one.network, 3478)?,
            socket(&one.network, 3479)?,
            socket(&two.network, 3478)?,
            socket(&two.network, 3479)?,
        ];
        Ok(Self { sockets, _hosts: hosts })
    }
}

/// A socket at the address of `network`.
pub(crate) fn socket(network: &Network, port: u16) -> Result<UdpSocket> {
    let address = SocketAddr::from((network.address, port));
    let socket = network.run(move || UdpSocket::bind(address))?.with_context(|| address.to_string())?;
    socket.set_read_timeout(Some(PATIENCE))?;
    Ok(socket)
}

/// Sends a datagram and gives the address it came from, as the far side sees it.
pub(crate) fn seen(from: &UdpSocket, to: &UdpSocket) -> Result<SocketAddr> {
    let address = to.local_addr()?;
    from.send_to(b"where am I?", address)?;
    let (_, source) = to.recv_from(&mut [0; 64]).with_context(|| format!("nothing arrived at {address}"))?;
    Ok(source)
}

/// Whether a datagram of `stranger` to `public` arrives at `inside`. A `friend`, who may send there, sends after it.
pub(crate) fn is_let_in(
    stranger: &UdpSocket,
    friend: &UdpSocket,
    public: SocketAddr,
    inside: &UdpSocket,
) -> Result<bool> {
    stranger.send_to(b"stranger", public)?;
    friend.send_to(b"friend", public)?;
    ensure!(next(inside, PATIENCE)?.is_some(), "even the friend's datagram did not arrive");
    // Two have been sent; which came first does not matter.
    Ok(next(inside, MOMENT)?.is_some())
}

/// The next datagram within some time.
pub(crate) fn next(socket: &UdpSocket, patience: Duration) -> Result<Option<(Vec<u8>, SocketAddr)>> {
    let mut buffer = [0; 64];
    socket.set_read_timeout(Some(patience))?;
    let received = socket.recv_from(&mut buffer);
    socket.set_read_timeout(Some(PATIENCE))?;
    match received {
        Ok((length, source)) => Ok(Some((buffer.get(..length).unwrap_or_default().to_vec(), source))),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Which mapping the router of `inside` has.
pub(crate) fn mapping(inside: &UdpSocket, outside: &Outside) -> Result<Mapping> {
    let sources: Vec<SocketAddr> =
        outside.sockets.iter().map(|socket| seen(inside, socket)).collect::<Result<_>>()?;
    let [first, rest @ ..] = sources.as_slice() else { bail!("no answers") };
    let differ = |a: &SocketAddr, b: &SocketAddr| a.port() != b.port();
    Ok(if *first == inside.local_addr()? {
        Mapping::None
    } else if rest.iter().all(|source| source == first) {
        Mapping::EndpointIndependent
    } else {
        let different = (1..sources.len()).all(|at| {
            let (before, from) = sources.split_at(at);
            from.first().is_none_or(|source| before.iter().all(|other| differ(source, other)))
        });
        ensure!(different, "neither endpoint-independent nor different for all: {sources:?}");
        Mapping::AddressAndPortDependent
    })
}

/// Which filtering the router of `inside` has; the socket must be a fresh one.
pub(crate) fn filtering(inside: &UdpSocket, outside: &Outside) -> Result<Filtering> {
    let [friend, same_address, other_address, _] = &outside.sockets;
    let public = seen(inside, friend)?;
    let port = is_let_in(same_address, friend, public, inside)?;
    let address = is_let_in(other_address, friend, public, inside)?;
    Ok(match (port, address) {
        (true, true) => Filtering::EndpointIndependent,
        (true, false) => Filtering::AddressDependent,
        (false, false) => Filtering::AddressAndPortDependent,
        (false, true) => bail!("strangers are let in, but not another port of the friend"),
    })
}

/// Whether two homes reach each other by what an ICE agent does: both learn their public address, tell each other, and
/// send at the same time, again and again. `first` sends first.
pub(crate) fn punches_through(first: &UdpSocket, second: &UdpSocket, outside: &Outside) -> Result<bool> {
    let [reflector, ..] = &outside.sockets;
    let (mut to_first, mut to_second) = (seen(first, reflector)?, seen(second, reflector)?);
    for _ in 0..4 {
        first.send_to(b"check", to_second)?;
        second.send_to(b"check", to_first)?;
        // An agent answers to where a check came from: a peer-reflexive candidate.
        let arrived = [next(first, MOMENT)?, next(second, MOMENT)?];
        if let [Some(_), Some(_)] = arrived {
            return Ok(true);
        }
        let [at_first, at_second] = arrived;
        to_second = at_first.map_or(to_second, |(_, source)| source);
        to_first = at_second.map_or(to_first, |(_, source)| source);
    }
    Ok(false)
}

/// Whether an address is a public one of this laboratory.
pub(crate) fn is_public(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if address.octets().starts_with(&[203, 0, 113]))
}

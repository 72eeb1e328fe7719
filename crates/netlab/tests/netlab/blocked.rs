//! Homes from which not everything gets out.

use crate::probe::{Outside, next, seen, socket};
use anyhow::{Result, ensure};
use eyeline_netlab::{Home, Internet, Kind};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

/// For a connection that must not come about: many times what one takes here.
const NEVER: Duration = Duration::from_millis(300);

fn connects(home: &Home, to: SocketAddr) -> Result<bool> {
    home.network.run(move || match TcpStream::connect_timeout(&to, NEVER) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::TimedOut => Ok(false),
        Err(error) => Err(error.into()),
    })?
}

/// Whether TCP to ports 443 and 3478, and UDP to ports 3478 and 443, get out of a home of this kind.
fn gets_out(kind: Kind) -> Result<[bool; 4]> {
    let internet = Internet::new()?;
    let host = internet.host()?;
    let home = internet.home(kind)?;
    let address = host.address;
    let _listeners = host.network.run(move || [443, 3478].map(|port| TcpListener::bind((address, port))))?;
    let at = |port| SocketAddr::from((address, port));
    let udp = |port| -> Result<bool> {
        let outside = socket(&host.network, port)?;
        socket(&home.network, 0)?.send_to(b"anybody there?", at(port))?;
        Ok(next(&outside, NEVER)?.is_some())
    };
    Ok([connects(&home, at(443))?, connects(&home, at(3478))?, udp(3478)?, udp(443)?])
}

#[test]
fn without_udp_all_of_tcp_gets_out() -> Result<()> {
    let out = gets_out(Kind::UdpBlocked)?;
    ensure!(out == [true, true, false, false], "TCP 443, TCP 3478, UDP 3478, UDP 443: {out:?}");
    Ok(())
}

#[test]
fn with_only_443_nothing_but_that_gets_out() -> Result<()> {
    let out = gets_out(Kind::Only443)?;
    ensure!(out == [true, false, false, false], "TCP 443, TCP 3478, UDP 3478, UDP 443: {out:?}");
    Ok(())
}

#[test]
fn without_a_block_everything_gets_out() -> Result<()> {
    let out = gets_out(Kind::Symmetric)?;
    ensure!(out == [true; 4], "TCP 443, TCP 3478, UDP 3478, UDP 443: {out:?}");
    Ok(())
}

#[test]
fn an_ipv6_only_home_has_ipv6_and_nothing_else() -> Result<()> {
    let internet = Internet::new()?;
    let host = internet.host()?;
    let home = internet.home(Kind::Ipv6Only)?;
    let near = socket(&home.network, 0)?;
    let ipv6 = host.ipv6_address;
    let far = host.network.run(move || UdpSocket::bind((ipv6, 3478)))??;
    far.set_read_timeout(Some(Duration::from_secs(5)))?;
    let source = seen(&near, &far)?;
    ensure!(source == near.local_addr()?, "{source} is not the home's own address");
    far.send_to(b"answer", source)?;
    ensure!(next(&near, Duration::from_secs(5))?.is_some(), "the answer did not arrive");
    let stranger = host.network.run(move || UdpSocket::bind((ipv6, 3479)))??;
    stranger.send_to(b"stranger", source)?;
    ensure!(next(&near, NEVER)?.is_none(), "a stranger was let in");

    let ipv4 = SocketAddr::from((host.address, 80));
    let refusal = home.network.run(move || TcpStream::connect_timeout(&ipv4, NEVER))?;
    let kind = refusal.err().map(|error| error.kind());
    ensure!(kind == Some(std::io::ErrorKind::NetworkUnreachable), "IPv4: {kind:?}");
    Ok(())
}

#[test]
fn two_ipv6_only_homes_reach_each_other() -> Result<()> {
    let internet = Internet::new()?;
    let homes = [internet.home(Kind::Ipv6Only)?, internet.home(Kind::Ipv6Only)?];
    let [near, far] = [socket(&homes[0].network, 0)?, socket(&homes[1].network, 0)?];
    let (near_address, far_address) = (near.local_addr()?, far.local_addr()?);
    near.send_to(b"opens the way back", far_address)?;
    far.send_to(b"check", near_address)?;
    ensure!(next(&near, Duration::from_secs(5))?.is_some(), "nothing arrived");
    near.send_to(b"answer", far_address)?;
    ensure!(next(&far, Duration::from_secs(5))?.is_some(), "nothing arrived");
    Ok(())
}

#[test]
fn homes_with_ipv4_have_no_ipv6() -> Result<()> {
    let internet = Internet::new()?;
    let host = internet.host()?;
    let to = SocketAddr::from((IpAddr::V6(host.ipv6_address), 3478));
    for kind in [Kind::Open, Kind::Cone] {
        let home = internet.home(kind)?;
        let outcome = home.network.run(move || UdpSocket::bind("[::]:0")?.connect(to))?;
        ensure!(outcome.is_err(), "{kind} has a way to {to}");
    }
    let _ = Outside::new(&internet)?;
    Ok(())
}

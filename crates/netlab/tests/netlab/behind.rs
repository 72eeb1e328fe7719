//! Names, ways in, and what is between a home and the internet.

use anyhow::{Result, ensure};
use eyeline_netlab::{Internet, Kind};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};

#[test]
fn names_are_known_inside_and_nowhere_else() -> Result<()> {
    let before = std::fs::read("/etc/hosts")?;
    let internet = Internet::new()?;
    let host = internet.host()?;
    let (home, other) = (internet.home(Kind::Cone)?, internet.home(Kind::Cone)?);
    home.network.set_names(&[("call.test", host.address.into())])?;
    for name in ["call.test", "call.test."] {
        let answer = home.network.tool("getent", &["ahostsv4", name])?;
        ensure!(answer.starts_with(&host.address.to_string()), "{name}: {answer}");
    }
    ensure!(home.network.tool("getent", &["ahosts", "other.test"]).is_err(), "a name that nobody gave");
    other.network.set_names(&[])?;
    ensure!(other.network.tool("getent", &["ahosts", "call.test"]).is_err(), "another home knows the name");
    ensure!(std::fs::read("/etc/hosts")? == before, "the machine's own file has changed");
    Ok(())
}

#[test]
fn names_may_be_given_again_and_from_within_another_network() -> Result<()> {
    let internet = Internet::new()?;
    let host = internet.host()?;
    host.network.set_names(&[("first.test", [192, 0, 2, 7].into())])?;
    host.network.set_names(&[("second.test", [192, 0, 2, 8].into())])?;
    // A network made inside another one begins with that one's names.
    // It is handed back: without an internet the host would have no address, and so look up none.
    let (_internet, within) = host.network.run_long(move || -> Result<_> {
        let home = internet.home(Kind::Cone)?;
        home.network.set_names(&[("third.test", [192, 0, 2, 9].into())])?;
        let answer = home.network.tool("getent", &["ahostsv4", "third.test"])?;
        Ok((internet, answer))
    })??;
    ensure!(within.starts_with("192.0.2.9"), "{within}");
    let answer = host.network.tool("getent", &["ahostsv4", "second.test"])?;
    ensure!(answer.starts_with("192.0.2.8"), "{answer}");
    ensure!(host.network.tool("getent", &["ahosts", "third.test"]).is_err(), "the name got out");
    Ok(())
}

#[test]
fn a_tunnel_leads_into_a_home_that_nobody_can_reach() -> Result<()> {
    let internet = Internet::new()?;
    let home = internet.home(Kind::Only443)?;
    let listener = home.network.run(|| TcpListener::bind("127.0.0.1:0"))??;
    let inside = listener.local_addr()?;
    let answering = std::thread::spawn(move || -> Result<()> {
        let (mut stream, _) = listener.accept()?;
        let mut words = [0; 4];
        stream.read_exact(&mut words)?;
        stream.write_all(&words)?;
        Ok(())
    });
    let here = home.network.tunnel(inside, 0)?;
    let mut stream = TcpStream::connect(here)?;
    stream.write_all(b"ping")?;
    let mut words = [0; 4];
    stream.read_exact(&mut words)?;
    ensure!(&words == b"ping", "{words:?}");
    answering.join().ok().transpose()?;
    Ok(())
}

#[test]
fn private_addresses_do_not_leave_a_home() -> Result<()> {
    let internet = Internet::new()?;
    let host = internet.host()?;
    let address = SocketAddr::from((host.address, 443));
    let listener = host.network.run(move || TcpListener::bind(address))??;
    for kind in [Kind::PortRestricted, Kind::Double, Kind::Only443] {
        let home = internet.home(kind)?;
        let _stream = home.network.run(move || TcpStream::connect(address))??;
        let (_, source) = listener.accept()?;
        ensure!(Some(source.ip()) == home.public_address.map(Into::into), "{kind}: from {source}");
    }
    Ok(())
}

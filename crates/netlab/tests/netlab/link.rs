//! Bad links, measured with datagrams there and back. The bounds are wide: machines may be loaded.

use crate::probe::{next, socket};
use anyhow::{Result, ensure};
use eyeline_netlab::{Condition, Internet, Kind};
use std::net::UdpSocket;
use std::time::{Duration, Instant};

/// So few datagrams that all fit into a socket's buffer: a reader that gets no time loses none.
const COUNT: u16 = 150;

/// A home on a bad link and a host: one socket in each, and the home's public address at the host.
struct Pair {
    near: UdpSocket,
    far: UdpSocket,
    _keep: (Internet, eyeline_netlab::Home, eyeline_netlab::Host),
}

impl Pair {
    fn new(condition: Condition) -> Result<Self> {
        let internet = Internet::new()?;
        let home = internet.home_over(Kind::PortRestricted, condition)?;
        let host = internet.host()?;
        let (near, far) = (socket(&home.network, 0)?, socket(&host.network, 3478)?);
        near.connect(far.local_addr()?)?;
        Ok(Self { near, far, _keep: (internet, home, host) })
    }

    /// Sends `count` numbered datagrams of `length` bytes from the home, one each `gap`, and gives the numbers that
    /// arrived, in their order.
    fn sends(&self, count: u16, length: usize, gap: Duration) -> Result<Vec<u16>> {
        let sender = self.near.try_clone()?;
        let sending = std::thread::spawn(move || -> std::io::Result<()> {
            let mut packet = vec![0; length];
            for number in 0..count {
                if let Some(place) = packet.get_mut(..2) {
                    place.copy_from_slice(&number.to_be_bytes());
                }
                sender.send(&packet)?;
                std::thread::sleep(gap);
            }
            Ok(())
        });
        let mut arrived = Vec::new();
        while let Some((packet, _)) = next(&self.far, Duration::from_millis(500))? {
            arrived.extend(packet.first_chunk().map(|number| u16::from_be_bytes(*number)));
        }
        sending.join().ok().transpose()?;
        Ok(arrived)
    }
}

#[test]
fn a_long_link_takes_its_delay_each_way() -> Result<()> {
    let delay = Duration::from_millis(50);
    let pair = Pair::new(Condition { delay, jitter: Duration::from_millis(10), ..Condition::default() })?;
    let mut quickest = Duration::MAX;
    for _ in 0..10 {
        let start = Instant::now();
        pair.near.send(b"there")?;
        let (_, source) = pair.far.recv_from(&mut [0; 64])?;
        ensure!(start.elapsed() >= delay, "there in {:?}", start.elapsed());
        pair.far.send_to(b"and back", source)?;
        pair.near.recv(&mut [0; 64])?;
        let round = start.elapsed();
        ensure!(round >= 2 * delay, "there and back in {round:?}");
        quickest = quickest.min(round);
    }
    ensure!(quickest < Duration::from_millis(200), "the quickest of 10 took {quickest:?}");
    Ok(())
}

#[test]
fn a_lossy_link_loses_its_part_and_a_seed_the_same_ones() -> Result<()> {
    let condition = Condition { loss: 0.2, seed: 3, ..Condition::default() };
    let first = Pair::new(condition)?.sends(COUNT, 100, Duration::from_micros(200))?;
    ensure!((95..145).contains(&first.len()), "{} of {COUNT} arrived, not about 120", first.len());
    ensure!(first.is_sorted(), "they must not overtake each other");
    let second = Pair::new(condition)?.sends(COUNT, 100, Duration::from_micros(200))?;
    ensure!(first == second, "the same seed must lose the same packets");
    Ok(())
}

#[test]
fn a_link_that_mixes_up_loses_nothing() -> Result<()> {
    let condition = Condition { reordering: 0.1, ..Condition::default() };
    let mut arrived = Pair::new(condition)?.sends(COUNT, 100, Duration::from_millis(1))?;
    let overtaken =
        arrived.windows(2).filter(|pair| matches!(pair, [first, second] if first > second)).count();
    ensure!(overtaken >= 3, "only {overtaken} of {COUNT} were overtaken, not about 15");
    arrived.sort_unstable();
    ensure!(arrived == (0..COUNT).collect::<Vec<_>>(), "{} of {COUNT} arrived", arrived.len());
    Ok(())
}

#[test]
fn a_slow_link_passes_its_rate() -> Result<()> {
    // 600 datagrams of 1000 bytes in about 0.7 s are some 7 Mbit/s; a link of 1 Mbit/s passes what comes out in that
    // time and what waits in it: about 120 of them.
    let pair = Pair::new(Condition { rate: Some(1_000_000), ..Condition::default() })?;
    let start = Instant::now();
    let arrived = pair.sends(600, 1000 - 28, Duration::from_millis(1))?.len();
    let most = start.elapsed().as_millis() / 8 + 45;
    ensure!(arrived >= 60 && u128::try_from(arrived)? <= most, "{arrived} arrived, at most {most} could");
    ensure!(arrived < 500, "{arrived} of 600 arrived");
    Ok(())
}

#[test]
fn whole_packets_and_tcp_pass_a_bad_link() -> Result<()> {
    use std::io::{Read as _, Write as _};
    use std::net::{SocketAddr, TcpListener, TcpStream};
    let internet = Internet::new()?;
    let host = internet.host()?;
    let address = SocketAddr::from((host.address, 443));
    let listener = host.network.run(move || TcpListener::bind(address))??;
    let condition =
        Condition { delay: Duration::from_millis(5), loss: 0.01, seed: 1, ..Condition::default() };
    let home = internet.home_over(Kind::Only443, condition)?;
    let mut near = home.network.run(move || TcpStream::connect(address))??;
    let (mut far, _) = listener.accept()?;
    let sent: Vec<u8> = (0..200_000u32).map(|at| u8::try_from(at % 251).unwrap_or_default()).collect();
    let expected = sent.clone();
    let sending = std::thread::spawn(move || near.write_all(&sent));
    let mut received = Vec::new();
    far.set_read_timeout(Some(Duration::from_secs(20)))?;
    far.read_to_end(&mut received)?;
    sending.join().ok().transpose()?;
    ensure!(received == expected, "{} bytes arrived", received.len());
    Ok(())
}

//! Each kind maps and filters as it says.

use crate::probe::{Outside, filtering, is_public, mapping, next, punches_through, seen, socket};
use anyhow::{Result, ensure};
use eyeline_netlab::{Internet, Kind};
use std::time::Duration;

fn behaves_as_it_says(kind: Kind) -> Result<()> {
    let internet = Internet::new()?;
    let outside = Outside::new(&internet)?;
    let home = internet.home(kind)?;
    let said = kind.behaviour();
    // Another socket for each: what one has sent must not open the filter for the other.
    let measured = mapping(&socket(&home.network, 0)?, &outside)?;
    ensure!(measured == said.mapping, "the mapping is {measured:?}, not {:?}", said.mapping);
    let measured = filtering(&socket(&home.network, 0)?, &outside)?;
    ensure!(measured == said.filtering, "the filtering is {measured:?}, not {:?}", said.filtering);
    let [reflector, ..] = &outside.sockets;
    let source = seen(&socket(&home.network, 0)?, reflector)?.ip();
    ensure!(Some(source) == home.public_address.map(Into::into), "seen from outside at {source}");
    ensure!(is_public(source), "{source} is no public address");
    Ok(())
}

#[test]
fn an_open_home_has_no_translation_and_no_filter() -> Result<()> {
    behaves_as_it_says(Kind::Open)
}

#[test]
fn a_cone_keeps_its_port_and_lets_everybody_in() -> Result<()> {
    behaves_as_it_says(Kind::Cone)
}

#[test]
fn an_address_restricted_cone_lets_in_addresses() -> Result<()> {
    behaves_as_it_says(Kind::AddressRestricted)
}

#[test]
fn a_port_restricted_cone_lets_in_answers_only() -> Result<()> {
    behaves_as_it_says(Kind::PortRestricted)
}

#[test]
fn a_symmetric_nat_has_a_port_for_each_destination() -> Result<()> {
    behaves_as_it_says(Kind::Symmetric)
}

#[test]
fn two_routers_in_a_row_behave_as_the_stricter() -> Result<()> {
    behaves_as_it_says(Kind::Double)
}

/// The trap of plain `masquerade`: see the module `kind`.
#[test]
fn a_strangers_datagram_does_not_change_the_mapping_towards_them() -> Result<()> {
    for kind in [Kind::Cone, Kind::AddressRestricted, Kind::PortRestricted, Kind::Double] {
        let internet = Internet::new()?;
        let outside = Outside::new(&internet)?;
        let home = internet.home(kind)?;
        let inside = socket(&home.network, 0)?;
        let [reflector, rest @ ..] = &outside.sockets;
        let public = seen(&inside, reflector)?;
        for stranger in rest {
            for _ in 0..3 {
                stranger.send_to(b"stranger", public)?;
            }
            let now = seen(&inside, stranger)?;
            ensure!(
                now == public,
                "{kind}: {public} before, {now} towards a stranger that had sent something"
            );
        }
    }
    Ok(())
}

#[test]
fn nobody_is_reached_by_the_public_address_of_their_own_router() -> Result<()> {
    let internet = Internet::new()?;
    let outside = Outside::new(&internet)?;
    for kind in [Kind::Cone, Kind::PortRestricted, Kind::Symmetric, Kind::Double] {
        let home = internet.home(kind)?;
        let (one, two) = (socket(&home.network, 0)?, socket(&home.network, 0)?);
        let [reflector, ..] = &outside.sockets;
        let public = seen(&one, reflector)?;
        two.send_to(b"hairpin", public)?;
        reflector.send_to(b"later", public)?;
        let arrived = [next(&one, Duration::from_secs(5))?, next(&one, Duration::from_millis(20))?];
        let words: Vec<Vec<u8>> = arrived.into_iter().flatten().map(|(words, _)| words).collect();
        ensure!(words == [b"later"], "{kind}: {words:?} arrived");
    }
    Ok(())
}

/// Who reaches whom, in both orders: what an expectation of the browsers' paths rests on.
#[test]
fn holes_are_punched_where_theory_allows_it() -> Result<()> {
    let kinds = [
        Kind::Open,
        Kind::Cone,
        Kind::AddressRestricted,
        Kind::PortRestricted,
        Kind::Symmetric,
        Kind::Double,
    ];
    let internet = Internet::new()?;
    let outside = Outside::new(&internet)?;
    let strict = [Kind::PortRestricted, Kind::Symmetric, Kind::Double];
    for one in kinds {
        let first = internet.home(one)?;
        for other in kinds {
            let second = internet.home(other)?;
            let (near, far) = (socket(&first.network, 0)?, socket(&second.network, 0)?);
            let expected = !(one == Kind::Symmetric && strict.contains(&other)
                || other == Kind::Symmetric && strict.contains(&one));
            let found = punches_through(&near, &far, &outside)?;
            ensure!(found == expected, "{one} and {other}: reached: {found}, expected: {expected}");
        }
    }
    Ok(())
}

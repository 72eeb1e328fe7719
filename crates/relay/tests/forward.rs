//! What is passed on in a closed relay, in which form, and what is not.

mod common;

use bytes::BytesMut;
use common::{End, Got, RELAY, World, channel_data, closed, got, pair};
use eyeline_protocol::rate::Rate;
use eyeline_relay::{DropReason, Input, Output, Transport};
use std::net::SocketAddr;
use stun_types::attribute::{AttributeType, RawAttribute};
use turn_types::attribute::{Data, DontFragment, XorPeerAddress};

const TRANSPORTS: [Transport; 3] = [Transport::Udp, Transport::Tcp, Transport::Tls];

fn two(world: &mut World) -> (End, End) {
    pair(world, End::new(1, 1, "192.0.2.1:1111"), End::new(1, 2, "192.0.2.2:2222"))
}

fn dropped(world: &World, reason: DropReason) -> u64 {
    world.relay.counters().dropped.get(&reason).copied().unwrap_or_default()
}

#[test]
fn all_forms_pass_between_all_transports() {
    for (left_over, right_over) in
        TRANSPORTS.into_iter().flat_map(|left| TRANSPORTS.map(|right| (left, right)))
    {
        for length in [0, 1, 2, 3, 4, 5, 1200, 1201] {
            let mut world = World::new(closed());
            let (mut left, mut right) = pair(
                &mut world,
                End::over(left_over, 1, 1, "192.0.2.1:1111"),
                End::over(right_over, 1, 2, "192.0.2.2:2222"),
            );
            let (at_left, at_right) = (left.relayed.unwrap(), right.relayed.unwrap());
            let payload: Vec<u8> = (0..length).map(|byte| u8::try_from(byte % 251).unwrap()).collect();

            let sent = left.send_indication(at_right, &payload);
            let outbox = world.packet(left.client, &sent);
            assert_eq!(got(&outbox, &right), Got::data(at_left, &payload), "Send to Data");

            assert_eq!(right.bind(&mut world, 0x4001, at_left), 0);
            let sent = left.send_indication(at_right, &payload);
            let outbox = world.packet(left.client, &sent);
            assert_eq!(got(&outbox, &right), Got::channel(0x4001, &payload), "Send to ChannelData");

            let outbox = world.packet(right.client, &channel_data(0x4001, &payload));
            assert_eq!(got(&outbox, &left), Got::data(at_right, &payload), "ChannelData to Data");

            assert_eq!(left.bind(&mut world, 0x7ffe, at_right), 0);
            let outbox = world.packet(right.client, &channel_data(0x4001, &payload));
            assert_eq!(got(&outbox, &left), Got::channel(0x7ffe, &payload), "ChannelData to ChannelData");

            let counters = world.relay.counters();
            assert_eq!((counters.relayed_packets, counters.relayed_bytes), (4, 4 * length));
            assert!(counters.dropped.is_empty());
        }
    }
}

#[test]
fn channel_data_is_rewritten_in_place() {
    let mut world = World::new(closed());
    let (mut left, mut right) = two(&mut world);
    let (at_left, at_right) = (left.relayed.unwrap(), right.relayed.unwrap());
    assert_eq!(left.bind(&mut world, 0x4000, at_right), 0);
    assert_eq!(right.bind(&mut world, 0x4001, at_left), 0);
    let bytes = BytesMut::from(&channel_data(0x4000, &[7; 1000])[..]);
    let place = bytes.as_ptr();
    let outbox = world.input(Input::Packet { client: left.client, bytes });
    let [Output::Send { bytes, .. }] = &outbox[..] else { panic!("{outbox:?}") };
    assert_eq!(bytes.as_ptr(), place);
    assert_eq!(&bytes[..], channel_data(0x4001, &[7; 1000]));

    let bytes = BytesMut::from(&left.send_indication(at_right, &[7; 1000])[..]);
    let range = bytes.as_ptr_range();
    let outbox = world.input(Input::Packet { client: left.client, bytes });
    let [Output::Send { bytes, .. }] = &outbox[..] else { panic!("{outbox:?}") };
    assert!(range.contains(&bytes.as_ptr()), "a Send indication becomes ChannelData where it is");
}

#[test]
fn padding_of_datagrams_is_not_passed_on() {
    let mut world = World::new(closed());
    let (mut left, mut right) = two(&mut world);
    assert_eq!(left.bind(&mut world, 0x4000, right.relayed.unwrap()), 0);
    assert_eq!(right.bind(&mut world, 0x4000, left.relayed.unwrap()), 0);
    let mut padded = channel_data(0x4000, b"hello");
    padded.extend([1, 2, 3]);
    let outbox = world.packet(left.client, &padded);
    assert_eq!(got(&outbox, &right), Got::channel(0x4000, b"hello"));
}

#[test]
fn a_send_indication_with_more_in_it_is_written_anew() {
    let mut world = World::new(closed());
    let (left, right) = two(&mut world);
    let peer = XorPeerAddress::new(right.relayed.unwrap(), left.transaction.into());
    let optional = RawAttribute::new(AttributeType::new(0xc001), &[1, 2, 3, 4]);
    let sent = left.clone().indication(&[&Data::new(b"hello"), &optional, &peer]);
    let outbox = world.packet(left.client, &sent);
    assert_eq!(got(&outbox, &right), Got::data(left.relayed.unwrap(), b"hello"));
    let [Output::Send { bytes, .. }] = &outbox[..] else { panic!("{outbox:?}") };
    assert_eq!(bytes.len(), 20 + 12 + 12, "the sender's attribute is not passed on");
}

#[test]
fn damaged_indications_are_dropped() {
    let mut world = World::new(closed());
    let (left, right) = two(&mut world);
    let peer = XorPeerAddress::new(right.relayed.unwrap(), left.transaction.into());
    let data = Data::new(b"hello");
    let unknown = RawAttribute::new(AttributeType::new(0x7f00), &[1, 2, 3, 4]);
    let short = RawAttribute::new(AttributeType::new(0x0012), &[0, 1, 2, 3]);
    let cases = [
        left.clone().indication(&[&peer]),
        left.clone().indication(&[&data]),
        left.clone().indication(&[]),
        left.clone().indication(&[&peer, &data, &unknown]),
        left.clone().indication(&[&peer, &data, &DontFragment::new()]),
        left.clone().indication(&[&short, &data]),
        channel_data(0x4000, b"hello")[..8].to_vec(),
        vec![0x40, 0, 0],
    ];
    for (index, case) in cases.iter().enumerate() {
        assert_eq!(world.packet(left.client, case), [], "{index}");
    }
    assert_eq!(dropped(&world, DropReason::Malformed), cases.len() as u64);
}

#[test]
fn both_ends_have_to_permit() {
    let mut world = World::new(closed());
    let (mut left, mut right) = (End::new(1, 1, "192.0.2.1:1"), End::new(1, 2, "192.0.2.2:2"));
    let (at_left, at_right) = (left.allocate(&mut world), right.allocate(&mut world));
    let passes = |world: &mut World, left: &mut End| {
        let sent = left.send_indication(at_right, b"hello");
        !world.packet(left.client, &sent).is_empty()
    };
    assert!(!passes(&mut world, &mut left));
    assert_eq!(dropped(&world, DropReason::NoPermission), 1);
    assert_eq!(left.permit(&mut world, RELAY), 0);
    assert!(!passes(&mut world, &mut left));
    assert_eq!(dropped(&world, DropReason::NotPermittedByReceiver), 1);
    assert_eq!(right.bind(&mut world, 0x4000, at_left), 0);
    assert!(passes(&mut world, &mut left), "a channel brings a permission with it");
    world.pass(299);
    assert!(passes(&mut world, &mut left));
    world.pass(1);
    assert!(!passes(&mut world, &mut left), "five minutes later it is gone");
    assert_eq!(left.permit(&mut world, RELAY), 0);
    assert!(!passes(&mut world, &mut left));
    assert_eq!(right.permit(&mut world, RELAY), 0);
    assert!(passes(&mut world, &mut left));
}

#[test]
fn what_leads_nowhere_is_dropped_and_counted() {
    let mut world = World::new(closed());
    let (mut left, right) = two(&mut world);
    let at_right = right.relayed.unwrap();
    let free = SocketAddr::new(at_right.ip(), if at_right.port() == 2000 { 2001 } else { 2000 });
    let mut stranger = End::new(1, 3, "192.0.2.3:3");
    for (packet, from, reason) in [
        (left.send_indication(free, b"hello"), left.client, DropReason::NoSuchPeer),
        (left.send_indication("8.8.8.8:53".parse().unwrap(), b"x"), left.client, DropReason::NoPermission),
        (
            left.send_indication("[2001:db8::1]:53".parse().unwrap(), b"x"),
            left.client,
            DropReason::NoPermission,
        ),
        (channel_data(0x4000, b"hello"), left.client, DropReason::NoChannel),
        (stranger.send_indication(at_right, b"hello"), stranger.client, DropReason::NoAllocation),
        (channel_data(0x4000, b"hello"), stranger.client, DropReason::NoAllocation),
        (left.send_indication(at_right, &[7; 65_480]), left.client, DropReason::TooLong),
    ] {
        let before = dropped(&world, reason);
        assert_eq!(world.packet(from, &packet), [], "{reason:?}");
        assert_eq!(dropped(&world, reason), before + 1, "{reason:?}: {:?}", world.relay.counters());
    }
    assert_eq!(world.relay.counters().relayed_packets, 0);
}

#[test]
fn an_allocation_may_talk_to_itself() {
    // Browsers do: a page that checks the relay connects two peer connections of its own.
    let mut world = World::new(closed());
    let mut end = End::new(1, 1, "192.0.2.1:1");
    let relayed = end.allocate(&mut world);
    assert_eq!(end.permit(&mut world, RELAY), 0);
    let sent = end.send_indication(relayed, b"hello");
    let outbox = world.packet(end.client, &sent);
    assert_eq!(got(&outbox, &end), Got::data(relayed, b"hello"));
}

#[test]
fn a_room_over_its_rate_loses_packets_and_others_do_not() {
    let mut world = World::limited(|limits| limits.room_bytes = Rate::per_second(1000, 2000));
    let (mut left, right) = two(&mut world);
    let (mut other_left, other_right) =
        pair(&mut world, End::new(2, 1, "192.0.2.1:1"), End::new(2, 2, "192.0.2.2:2"));
    let pass = |world: &mut World, from: &mut End, to: &End| {
        let sent = from.send_indication(to.relayed.unwrap(), &[0; 1000]);
        !world.packet(from.client, &sent).is_empty()
    };
    assert!(pass(&mut world, &mut left, &right));
    assert!(pass(&mut world, &mut left, &right));
    assert!(!pass(&mut world, &mut left, &right));
    assert_eq!(dropped(&world, DropReason::OverRate), 1);
    assert!(pass(&mut world, &mut other_left, &other_right));
    world.pass(1);
    assert!(pass(&mut world, &mut left, &right));
    assert_eq!(world.relay.census().allocations, 4, "nobody loses an allocation by it");
}

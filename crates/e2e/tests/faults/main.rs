//! The core of the fault table: five faults that tell most. `cargo xtask test faults` tries all of them, several times.
//!
//! Here a fault has to be survived within twice its bound: single runs on a busy machine are no measurement.

use anyhow::ensure;
use eyeline_e2e::faults::Fault;
use eyeline_e2e::{Kind as Browser, test_in_public};

fn survives(number: &'static str, browsers: &'static [Browser]) {
    test_in_public(async move |world, public| {
        let fault = Fault::named(number).ok_or_else(|| anyhow::anyhow!("no fault {number}"))?;
        let observed = fault.observe(world, public, browsers).await?;
        eprintln!("{number}: {}, {:.1} s", observed.seen, observed.time.as_secs_f64());
        ensure!(
            observed.time <= 2 * fault.bound,
            "{number} ({}) took {:?}, twice the bound is {:?}; seen: {}",
            fault.what,
            observed.time,
            2 * fault.bound,
            observed.seen
        );
        Ok(())
    });
}

#[test]
fn f1_a_websocket_is_cut() {
    survives("F1", &[Browser::Chromium]);
}

#[test]
fn f3_the_server_is_killed_and_comes_back() {
    survives("F3", &[Browser::Chromium]);
}

#[test]
fn f8_no_udp_for_ten_seconds() {
    survives("F8", &[Browser::Chromium, Browser::Firefox]);
}

#[test]
fn f13_the_router_maps_to_other_ports() {
    survives("F13", &[Browser::Chromium]);
}

#[test]
fn f25_a_tab_is_closed() {
    survives("F25", &[Browser::Firefox, Browser::Chromium]);
}

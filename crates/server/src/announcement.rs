//! What a server says when it starts: where to open it, and what to know about that.

use crate::tls::Tls;
use crate::{Addresses, local_addresses};
use qrcode::render::unicode::Dense1x2;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

/// White on black, whatever the terminal's own colours are: cameras want the code's quiet zone light.
const INK: &str = "\x1b[97;40m";
const PLAIN: &str = "\x1b[0m";

/// Whether the page's address is drawn as a QR code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QrCode {
    /// Not where it could not be seen.
    Never,
    /// If a phone could open it and hold a call: over HTTPS, at an address that others reach.
    IfUseful,
    /// In any case.
    Always,
}

/// All of it, line by line.
pub(crate) fn text(addresses: &Addresses, tls: Option<&Tls>, qr: QrCode) -> String {
    let pages = pages(addresses, tls);
    let mut lines: Vec<String> = pages.iter().map(|page| format!("Eyeline is ready: {}", page.url)).collect();
    match tls {
        Some(tls) => {
            lines.push(tls.description());
            let http: Vec<String> = addresses.http.iter().map(ToString::to_string).collect();
            lines.push(format!("HTTP: {} (leads to HTTPS)", http.join(", ")));
        }
        None if pages.iter().any(|page| page.is_for_others) => lines.push(
            "  (other machines need HTTPS: browsers give camera and microphone only then; see --domain, \
             --self-signed, --tls-cert, or put a proxy in front)"
                .to_owned(),
        ),
        None => {}
    }
    lines.push(match (addresses.stun, addresses.stun_second) {
        (Some(address), None) => format!("STUN: udp {address}"),
        (Some(address), Some(second)) => format!("STUN: udp {address} and {second}"),
        (None, _) => "STUN: none of its own".to_owned(),
    });
    lines.push(match (addresses.relay_tcp, addresses.stun) {
        (Some(tcp), Some(udp)) => {
            let tls = if tls.is_some() { ", TLS on the port of the page" } else { "" };
            format!("Relay: udp {udp}, tcp {tcp}{tls}")
        }
        _ => "Relay: none".to_owned(),
    });
    lines.extend(addresses.status.map(|address| format!("Counters: http://{address}/")));
    let for_others = pages.iter().find(|page| page.is_for_others);
    let drawn = match qr {
        QrCode::Never => None,
        QrCode::IfUseful => for_others.filter(|_| tls.is_some()),
        QrCode::Always => for_others.or(pages.first()),
    };
    lines.extend(drawn.and_then(|page| draw(&page.url)));
    lines.into_iter().fold(String::new(), |mut text, line| {
        // Writing to a `String` cannot fail.
        let _written = writeln!(text, "{line}");
        text
    })
}

/// An address of the page.
struct Page {
    url: String,
    /// Other machines can open it.
    is_for_others: bool,
}

fn pages(addresses: &Addresses, tls: Option<&Tls>) -> Vec<Page> {
    let Some(tls) = tls else {
        return addresses.http.iter().flat_map(|address| reachable("http", *address)).collect();
    };
    let names = tls.names();
    if names.is_empty() {
        return addresses.https.iter().flat_map(|address| reachable("https", *address)).collect();
    }
    let port = addresses.https.first().map_or(443, SocketAddr::port);
    names.iter().map(|name| Page { url: url("https", name, port), is_for_others: true }).collect()
}

/// Addresses that can be opened: nobody can connect to "all addresses".
fn reachable(scheme: &str, address: SocketAddr) -> Vec<Page> {
    let port = address.port();
    if !address.ip().is_unspecified() {
        let url = url(scheme, &host(address.ip()), port);
        return vec![Page { url, is_for_others: !address.ip().is_loopback() }];
    }
    let local = Page { url: url(scheme, "localhost", port), is_for_others: false };
    let main = local_addresses::main();
    let others = main.map(|address| Page { url: url(scheme, &host(address), port), is_for_others: true });
    [local].into_iter().chain(others).collect()
}

fn host(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

fn url(scheme: &str, host: &str, port: u16) -> String {
    match (scheme, port) {
        ("https", 443) | ("http", 80) => format!("{scheme}://{host}/"),
        _ => format!("{scheme}://{host}:{port}/"),
    }
}

/// A QR code of half blocks, two modules to a character. `None` for what is too long for one.
fn draw(url: &str) -> Option<String> {
    let code = qrcode::QrCode::new(url).ok()?;
    // The blocks are drawn in the light colour.
    let image = code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build();
    let lines: Vec<String> = image.lines().map(|line| format!("{INK}{line}{PLAIN}")).collect();
    Some(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(http: &str) -> Addresses {
        Addresses {
            http: vec![http.parse().unwrap()],
            https: Vec::new(),
            stun: Some("[::]:3478".parse().unwrap()),
            stun_second: Some("[::]:3479".parse().unwrap()),
            relay_tcp: Some("[::]:3478".parse().unwrap()),
            status: None,
        }
    }

    #[test]
    fn a_local_server_says_one_address() {
        let text = text(&addresses("127.0.0.1:8080"), None, QrCode::IfUseful);
        let expected = "Eyeline is ready: http://127.0.0.1:8080/\n\
             STUN: udp [::]:3478 and [::]:3479\n\
             Relay: udp [::]:3478, tcp [::]:3478\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn without_https_other_machines_are_warned_and_get_no_code() {
        let text = text(&addresses("192.0.2.1:80"), None, QrCode::IfUseful);
        assert!(
            text.starts_with("Eyeline is ready: http://192.0.2.1/\n  (other machines need HTTPS"),
            "{text}"
        );
        assert!(!text.contains('█'), "{text}");
    }

    #[test]
    fn all_addresses_are_said_as_some_that_can_be_opened() {
        let text = text(&addresses("[::]:8080"), None, QrCode::Never);
        assert!(text.starts_with("Eyeline is ready: http://localhost:8080/\n"), "{text}");
        if let Some(main) = local_addresses::main() {
            assert!(text.contains(&format!("Eyeline is ready: http://{}:8080/\n", host(main))), "{text}");
        }
    }

    #[test]
    fn the_code_reads_back_as_the_address() {
        let url = "https://[2001:db8::1]:8443/";
        let drawn = draw(url).unwrap();
        // A camera's view: each character is two modules, one above the other; blocks are light.
        let rows: Vec<Vec<[bool; 2]>> = drawn
            .lines()
            .map(|line| {
                let blocks = line.strip_prefix(INK).unwrap().strip_suffix(PLAIN).unwrap();
                blocks
                    .chars()
                    .map(|block| match block {
                        '█' => [false, false],
                        '▀' => [false, true],
                        '▄' => [true, false],
                        ' ' => [true, true],
                        other => panic!("{other:?}"),
                    })
                    .collect()
            })
            .collect();
        // Several points to a module, as a camera sees it.
        const POINTS: usize = 4;
        let (width, height) = (rows[0].len() * POINTS, rows.len() * 2 * POINTS);
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
            let (x, y) = (x / POINTS, y / POINTS);
            if rows[y / 2][x][y % 2] { 0 } else { 255 }
        });
        let grids = picture.detect_grids();
        assert_eq!(grids.len(), 1);
        assert_eq!(grids[0].decode().unwrap().1, url);
    }
}

//! The client's files, part of the binary, compressed when it was built.

/// One file, in the encodings that make it smaller.
pub(crate) struct Asset {
    pub(crate) path: &'static str,
    pub(crate) content_type: &'static str,
    /// Its path holds a hash of its content.
    pub(crate) immutable: bool,
    identity: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The file served at `path`.
pub(crate) fn find(path: &str) -> Option<&'static Asset> {
    let index = ASSETS.binary_search_by(|asset| asset.path.cmp(path)).ok()?;
    ASSETS.get(index)
}

impl Asset {
    /// The smallest form that the client's `Accept-Encoding` (RFC 9110, 12.5.3) allows, and its `Content-Encoding`.
    pub(crate) fn encoded(&self, accepted: &str) -> (Option<&'static str>, &'static [u8]) {
        let choices = [("br", self.brotli), ("gzip", self.gzip)];
        let chosen = choices
            .into_iter()
            .filter(|(coding, _)| accepts(accepted, coding))
            .find_map(|(coding, bytes)| Some((coding, bytes?)));
        chosen.map_or((None, self.identity), |(coding, bytes)| (Some(coding), bytes))
    }
}

/// Whether a coding is named and not ruled out by `q=0`. A wildcard is not counted: who means Brotli names it.
fn accepts(accepted: &str, coding: &str) -> bool {
    accepted.split(',').any(|choice| {
        let (name, weight) = choice.split_once(';').unwrap_or((choice, ""));
        let ruled_out = weight
            .trim()
            .strip_prefix("q=")
            .and_then(|weight| weight.trim().parse::<f32>().ok())
            .is_some_and(|weight| weight <= 0.0);
        name.trim().eq_ignore_ascii_case(coding) && !ruled_out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASSET: Asset = Asset {
        path: "/",
        content_type: "text/plain",
        immutable: false,
        identity: b"identity",
        brotli: Some(b"brotli"),
        gzip: Some(b"gzip"),
    };

    #[test]
    fn the_best_accepted_encoding_is_chosen() {
        for (accepted, expected) in [
            ("gzip, deflate, br, zstd", Some("br")),
            ("gzip;q=1.0, BR;q=0.5", Some("br")),
            ("br;q=0, gzip", Some("gzip")),
            ("br; q=0.000,gzip;q=0", None),
            ("deflate", None),
            ("brotli", None),
            ("*", None),
            ("", None),
        ] {
            assert_eq!(ASSET.encoded(accepted).0, expected, "{accepted:?}");
        }
    }

    #[test]
    fn a_file_that_compression_does_not_shrink_is_sent_as_it_is() {
        let asset = Asset { brotli: None, gzip: None, ..ASSET };
        assert_eq!(asset.encoded("br, gzip"), (None, &b"identity"[..]));
    }

    #[test]
    fn every_file_is_found_by_its_path_and_nothing_else_is() {
        assert!(find("/").is_some_and(|page| !page.immutable));
        assert!(ASSETS.iter().all(|asset| find(asset.path).is_some_and(|found| found.path == asset.path)));
        assert!(find("").is_none() && find("/index.html").is_none() && find("/../").is_none());
    }
}

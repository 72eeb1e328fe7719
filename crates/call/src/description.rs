//! Session descriptions and candidates on their way in and out: only what was understood passes.

use eyeline_protocol::candidate;
use eyeline_protocol::ids::CertificateHash;
use eyeline_protocol::inner::Candidate;
use eyeline_protocol::sdp::Description;

/// The data channel is the fifth m-line; a candidate of any other than the five belongs to no description of ours.
const MEDIA_LINES: u16 = 5;

/// The longest user name fragment (RFC 8839, 5.4).
const FRAGMENT_BYTES: usize = 256;

/// What is wrong with the other's description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Not a description as our peers make it.
    Malformed,
    /// It names another certificate than the one its sender named in the handshake.
    Certificate,
}

/// Our own description, reduced to what peers accept.
pub(crate) fn outgoing(sdp: &str) -> Option<String> {
    Description::parse(sdp).ok().map(|description| description.to_string())
}

/// The other's description, written anew from what was understood of it.
pub(crate) fn incoming(sdp: &str, certificate: CertificateHash) -> Result<String, Refused> {
    let description = Description::parse(sdp).map_err(|_| Refused::Malformed)?;
    if description.fingerprint() == certificate {
        Ok(description.to_string())
    } else {
        Err(Refused::Certificate)
    }
}

/// Whether a candidate of either end may be used.
pub(crate) fn is_acceptable(candidate: &Candidate) -> bool {
    candidate::is_acceptable(&candidate.candidate)
        && candidate.line_index < MEDIA_LINES
        && candidate.username_fragment.as_ref().is_none_or(|text| text.len() <= FRAGMENT_BYTES)
}

//! Session descriptions and candidates on their way in and out.

use eyeline_protocol::ids::CertificateHash;
use eyeline_protocol::inner::Candidate;
use eyeline_protocol::limits;

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
    (sdp.len() <= limits::DESCRIPTION_BYTES).then(|| sdp.to_owned())
}

/// The other's description, written anew from what was understood of it.
pub(crate) fn incoming(sdp: &str, _certificate: CertificateHash) -> Result<String, Refused> {
    if sdp.len() <= limits::DESCRIPTION_BYTES { Ok(sdp.to_owned()) } else { Err(Refused::Malformed) }
}

/// Whether a candidate of either end may be used.
pub(crate) fn is_acceptable(candidate: &Candidate) -> bool {
    candidate.candidate.len() <= limits::CANDIDATE_BYTES
}

/// A display name as it may be shown.
pub(crate) fn clean_name(name: &str) -> String {
    name.trim().chars().filter(|character| !character.is_control()).take(limits::NAME_CHARACTERS).collect()
}

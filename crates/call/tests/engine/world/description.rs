//! Session descriptions of symbolic browsers.

use eyeline_protocol::ids::CertificateHash;

/// What a description says: which connection, which ICE generation, whose certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Mark {
    /// The browser's connection.
    pub(crate) number: u64,
    /// Its ICE generation.
    pub(crate) round: u64,
}

/// The user name fragment of its candidates.
pub(crate) fn fragment_of(mark: Mark) -> String {
    format!("{:x}r{}", mark.number, mark.round)
}

/// The least that passes for a session description.
pub(crate) fn write(mark: Mark, certificate: CertificateHash, offers: bool) -> String {
    let fingerprint: Vec<_> = certificate.0.iter().map(|byte| format!("{byte:02X}")).collect();
    format!(
        "v=0\r\no=- {} {} IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n\
         c=IN IP4 0.0.0.0\r\na=ice-ufrag:{}\r\na=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa\r\n\
         a=fingerprint:sha-256 {}\r\na=setup:{}\r\na=mid:0\r\na=sctp-port:5000\r\n",
        mark.number >> 1,
        mark.round,
        fragment_of(mark),
        fingerprint.join(":"),
        if offers { "actpass" } else { "active" },
    )
}

/// Reads what [`write`] wrote, whatever was done to it on the way.
pub(crate) fn read(sdp: &str) -> Option<Mark> {
    let fragment = sdp.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:"))?;
    let (number, round) = fragment.split_once('r')?;
    Some(Mark { number: u64::from_str_radix(number, 16).ok()?, round: round.parse().ok()? })
}

//! Who sent a request (RFC 8489, 9.2.4). Nothing is stored before that is known, and nothing because of it.

use crate::credential::{self, Key, Username};
use crate::io::Client;
use crate::message::{REALM, Refusal};
use crate::nonce::Nonces;
use eyeline_protocol::Milliseconds;
use stun_types::attribute::{
    AttributeStaticType, ErrorCode, MessageIntegrity, MessageIntegritySha256, Nonce, Realm,
};
use stun_types::message::{IntegrityAlgorithm, IntegrityKey, LongTermKeyCredentials, Message};

/// The sender of a request, proven.
pub(crate) struct Caller {
    pub(crate) username: Username,
    /// With which the reply is signed.
    pub(crate) key: IntegrityKey,
}

/// Checks nonce, user name and MESSAGE-INTEGRITY. Whether the credential has expired is for the caller to judge: for
/// a live allocation that does not matter.
pub(crate) fn authenticate(
    message: &Message<'_>,
    client: &Client,
    credential_key: &Key,
    nonces: &Nonces,
    now: Milliseconds,
) -> Result<Caller, Refusal> {
    // A client that would rather use SHA-256 learns from the challenge, which offers no algorithms, that SHA-1 is
    // what there is (RFC 8489, 9.2.5). HMAC-SHA1 is not broken, and no browser asks for more.
    if !message.has_attribute(MessageIntegrity::TYPE) && !message.has_attribute(MessageIntegritySha256::TYPE)
    {
        return Err(Refusal::Challenge(ErrorCode::UNAUTHORIZED));
    }
    let bad_request = |_| Refusal::Code(ErrorCode::BAD_REQUEST);
    let username = message.attribute::<stun_types::attribute::Username>().map_err(bad_request)?;
    let _realm = message.attribute::<Realm>().map_err(bad_request)?;
    let nonce = message.attribute::<Nonce>().map_err(bad_request)?;
    if !nonces.is_valid(now, client, nonce.nonce()) {
        return Err(Refusal::Challenge(ErrorCode::STALE_NONCE));
    }
    let unauthorized = Refusal::Challenge(ErrorCode::UNAUTHORIZED);
    let Some(parsed) = Username::parse(username.username()) else { return Err(unauthorized) };
    let key = integrity_key(credential_key, username.username());
    match message.validate_integrity_with_key(&key) {
        Ok(_) => Ok(Caller { username: parsed, key }),
        Err(_) => Err(unauthorized),
    }
}

/// The key that a user's messages are signed with (RFC 8489, 9.2.2).
pub(crate) fn integrity_key(credential_key: &Key, username: &str) -> IntegrityKey {
    let password = credential::password(credential_key, username);
    LongTermKeyCredentials::new(username.to_owned(), password, REALM.to_owned())
        .make_key(IntegrityAlgorithm::Sha1)
}

//! One sealed session with another peer: its keys, what was proven in the handshake, and what it has been told.

use crate::delivery::Delivery;
use eyeline_protocol::Milliseconds;
use eyeline_protocol::ids::CertificateHash;
use eyeline_protocol::inner::{Message, Profile, State};
use eyeline_seal::{Seal, SealError};

/// One sealed session.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Session<N> {
    keys: N,
    initiator: bool,
    certificate: CertificateHash,
    delivery: Delivery,
    told_name: Option<String>,
    told_state: Option<State>,
    heard_at: Milliseconds,
}

impl<N> Session<N> {
    pub(crate) fn new(now: Milliseconds, keys: N, initiator: bool, certificate: CertificateHash) -> Self {
        Self {
            keys,
            initiator,
            certificate,
            delivery: Delivery::default(),
            told_name: None,
            told_state: None,
            heard_at: now,
        }
    }

    pub(crate) fn keys(&self) -> &N {
        &self.keys
    }

    /// This end began: it offers.
    pub(crate) fn is_initiator(&self) -> bool {
        self.initiator
    }

    /// The certificate the other end named in the handshake.
    pub(crate) fn certificate(&self) -> CertificateHash {
        self.certificate
    }

    pub(crate) fn delivery(&mut self) -> &mut Delivery {
        &mut self.delivery
    }

    /// When something is to be sent, given that there is a path.
    pub(crate) fn deadline(&self) -> Option<Milliseconds> {
        self.delivery.deadline()
    }

    /// When the other end was heard last.
    pub(crate) fn heard_at(&self) -> Milliseconds {
        self.heard_at
    }

    /// The other end was heard.
    pub(crate) fn heard(&mut self, now: Milliseconds) {
        self.heard_at = now;
    }

    /// Opens a record.
    pub(crate) fn open<S: Seal<Session = N>>(&mut self, record: &[u8], seal: &mut S) -> Option<Vec<u8>> {
        seal.open(&mut self.keys, record).ok()
    }

    /// Seals a message.
    pub(crate) fn seal<S: Seal<Session = N>>(
        &mut self,
        message: &[u8],
        seal: &mut S,
    ) -> Result<Vec<u8>, SealError> {
        seal.seal(&mut self.keys, message)
    }

    /// Queues what the other end does not know yet of our name and state. While it takes little, only the newest
    /// of each waits, so that a person playing with a switch fills no queue.
    pub(crate) fn tell(&mut self, name: &str, state: State) {
        if self.delivery.congested() {
            return;
        }
        if self.told_name.as_deref() != Some(name) {
            self.told_name = Some(name.to_owned());
            self.delivery.say(Message::Profile(Profile { name: name.to_owned() }));
        }
        if self.told_state != Some(state) {
            self.told_state = Some(state);
            self.delivery.say(Message::State(state));
        }
    }
}

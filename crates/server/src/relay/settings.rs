//! The flags of the relay, understood and checked.

use crate::arguments::{RelayArguments, RelayChoice};
use crate::configuration::{ConfigurationError, require};
use crate::relay::PublicAddresses;
use crate::relay::key::{self, KeyPlace};
use eyeline_protocol::Milliseconds;
use eyeline_relay::{Mode, RelayLimits};
use ipnet::IpNet;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// The ports for sockets towards peers, if nobody says: the dynamic ones (RFC 6335, 6), as RFC 8656, 7.2 asks.
const DEFAULT_PORTS: RangeInclusive<u16> = 49_152..=65_535;

/// Seconds that credentials may be good for. Less would end between two refreshes of a slow network; the relay
/// refuses what is good for more than an hour.
const LIFETIMES: RangeInclusive<u64> = 60..=3000;

/// How the relay runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelaySettings {
    /// Whom it may reach.
    pub mode: RelayMode,
    /// This machine's addresses as the world sees them; at most one of each family.
    pub public_addresses: Vec<IpAddr>,
    /// Where the secret behind the credentials is.
    pub key: KeyPlace,
    /// How long a member's credentials are good for; fresh ones come in half of that.
    pub credential_lifetime: Milliseconds,
    /// Rates and quotas, those of STUN included.
    pub limits: RelayLimits,
}

/// Whom the relay may reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelayMode {
    /// Nobody: STUN only.
    Off,
    /// Others of the same room.
    Closed,
    /// Every global address.
    Open {
        /// Ports for sockets towards peers.
        ports: RangeInclusive<u16>,
        /// Networks besides.
        allowed: Vec<IpNet>,
    },
}

impl Default for RelaySettings {
    fn default() -> Self {
        Self {
            mode: RelayMode::Closed,
            public_addresses: Vec::new(),
            key: KeyPlace::Memory,
            credential_lifetime: Milliseconds::seconds(eyeline_relay::credential::DEFAULT_LIFETIME_SECONDS),
            limits: RelayLimits::default(),
        }
    }
}

impl RelaySettings {
    /// `state_directory` is where files are by default, and whether somebody has asked for that; `has_stun`: there is
    /// a port.
    pub(crate) fn of(
        arguments: RelayArguments,
        limits: RelayLimits,
        state_directory: Option<(&Path, bool)>,
        has_stun: bool,
    ) -> Result<Self, ConfigurationError> {
        require(
            has_stun || matches!(arguments.relay, None | Some(RelayChoice::Off)),
            "--relay: needs the port that --no-stun closes",
        )?;
        let is_open = arguments.relay == Some(RelayChoice::Open);
        require(is_open || arguments.relay_allow.is_empty(), "--relay-allow: only for --relay open")?;
        require(is_open || arguments.relay_ports.is_none(), "--relay-ports: only for --relay open")?;
        let mode = match arguments.relay {
            None if !has_stun => RelayMode::Off,
            Some(RelayChoice::Off) => RelayMode::Off,
            None | Some(RelayChoice::Closed) => RelayMode::Closed,
            Some(RelayChoice::Open) => RelayMode::Open {
                ports: arguments.relay_ports.unwrap_or(DEFAULT_PORTS),
                allowed: arguments.relay_allow,
            },
        };
        let seconds = arguments.relay_credential_lifetime;
        require(
            LIFETIMES.contains(&seconds),
            format!("--relay-credential-lifetime: from {} to {}", LIFETIMES.start(), LIFETIMES.end()),
        )?;
        Ok(Self {
            mode,
            public_addresses: checked(arguments.public_address)?,
            key: key_place(arguments.relay_key_file, state_directory),
            credential_lifetime: Milliseconds::seconds(seconds),
            limits,
        })
    }

    /// The mode in the relay's own terms. `None`: no address is known for open mode.
    pub(crate) fn mode(&self, public: PublicAddresses) -> Option<Mode> {
        match &self.mode {
            RelayMode::Off => Some(Mode::Off),
            RelayMode::Closed => Some(Mode::Closed { address: public.canonical() }),
            RelayMode::Open { ports, allowed } => {
                (public != PublicAddresses::default()).then(|| Mode::Open {
                    ipv4: public.ipv4,
                    ipv6: public.ipv6,
                    ports: ports.clone(),
                    allowed: allowed.clone(),
                })
            }
        }
    }
}

/// The file that was named, else the one in the state directory.
pub(crate) fn key_place(file: Option<PathBuf>, state_directory: Option<(&Path, bool)>) -> KeyPlace {
    match (file, state_directory) {
        (Some(file), _) => KeyPlace::File(file),
        (None, Some((folder, true))) => KeyPlace::File(folder.join(key::FILE_NAME)),
        (None, Some((folder, false))) => KeyPlace::UsualFile(folder.join(key::FILE_NAME)),
        (None, None) => KeyPlace::Memory,
    }
}

fn checked(addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, ConfigurationError> {
    for address in &addresses {
        let is_usable = !address.is_unspecified() && !address.is_multicast();
        require(is_usable, format!("--public-address {address}: not the address of a machine"))?;
        let same_family = addresses.iter().filter(|other| other.is_ipv4() == address.is_ipv4()).count();
        require(same_family == 1, "--public-address: at most one IPv4 and one IPv6 address")?;
    }
    Ok(addresses)
}

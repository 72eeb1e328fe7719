//! The server's machine: listeners, files, buffers.

use super::{Finding, Level, count, finding, good, list};
use crate::doctor::facts::{Datagrams, Facts, Files, Machine};

/// Files that are open beside connections: libraries' own, listeners, certificates, some slack.
const OTHER_FILES: u64 = 64;

/// Holds some 400 full datagrams with what the kernel adds to each: 10 ms of 50 relayed video calls.
const RECEIVE_BUFFER_BYTES: u64 = 1024 * 1024;

/// One datagram lost in so many is seen in a picture.
const LOST_ONE_IN: u64 = 10_000;

/// A relayed call of eight needs up to 7 × 2 × 3 ports for each of them.
const RELAY_PORTS: u16 = 400;

pub(super) fn examine(facts: &Facts, findings: &mut Vec<Finding>) {
    let Some(machine) = &facts.machine else { return };
    findings.extend(unreadable(machine));
    findings.extend(listening(machine));
    findings.extend(machine.files.map(files));
    findings.extend(receive_buffer(machine));
    findings.extend(connection_tracking(machine));
    findings.extend(relay_ports(machine));
}

fn unreadable(machine: &Machine) -> Vec<Finding> {
    let finding = |(file, error): &(String, String)| {
        finding(
            Level::Problem,
            "unreadable-file",
            format!("{file} cannot be read: {error}."),
            "The server does not start, or not with this file.",
            "Check the path and who may read it: with the service, the user is `eyeline`, not root. `systemctl edit \
             eyeline` with LoadCredential= hands over files that only root may read.",
        )
    };
    machine.unreadable.iter().map(finding).collect()
}

fn listening(machine: &Machine) -> Option<Finding> {
    let listening = machine.listening.as_ref()?;
    let missing: Vec<_> = machine.wanted.iter().filter(|port| !listening.0.contains(port)).collect();
    Some(if missing.is_empty() {
        good("listening", format!("This machine listens on {}.", list(&machine.wanted)))
    } else {
        finding(
            Level::Problem,
            "not-listening",
            format!("Nothing on this machine listens on {}.", list(&missing)),
            "What is served there cannot be reached by anybody.",
            "Is Eyeline running with the same settings as this doctor was given? `systemctl status eyeline`",
        )
    })
}

fn files(files: Files) -> Finding {
    let Files { limit, connections } = files;
    if limit >= connections + OTHER_FILES {
        return good(
            "files",
            format!("The server may open {limit} files, enough for {connections} connections."),
        );
    }
    finding(
        Level::Warning,
        "files",
        format!("The server may open only {limit} files, but accepts {connections} connections."),
        "When many people come at once, the later ones are not let in, and no certificate can be renewed.",
        format!(
            "`LimitNOFILE={}` in the service, or `ulimit -n` before the start; or lower --connections.",
            connections + OTHER_FILES
        ),
    )
}

fn receive_buffer(machine: &Machine) -> Option<Finding> {
    let most = machine.receive_buffer_most?;
    let Datagrams { received, lost_for_want_of_buffer: lost } = machine.datagrams.unwrap_or_default();
    let remedy = "`sysctl -w net.core.rmem_max=4194304 net.core.wmem_max=4194304`, and the same in a file in \
        /etc/sysctl.d; then restart Eyeline.";
    if lost > 0 && lost.saturating_mul(LOST_ONE_IN) >= received {
        return Some(finding(
            Level::Warning,
            "receive-buffer-losses",
            format!(
                "This machine has thrown away {} for want of buffer space, of {received} received since its start.",
                count(lost, "datagram")
            ),
            "Pictures of relayed calls freeze, or lose detail, when many are relayed at once.",
            remedy,
        ));
    }
    Some(if most < RECEIVE_BUFFER_BYTES {
        finding(
            Level::Note,
            "receive-buffer",
            format!("A UDP socket may buffer at most {} KiB (net.core.rmem_max).", most / 1024),
            "Enough for some relayed calls at a time; with dozens of them, datagrams will be lost in bursts.",
            remedy,
        )
    } else {
        good("receive-buffer", format!("A UDP socket may buffer {} KiB.", most / 1024))
    })
}

fn connection_tracking(machine: &Machine) -> Option<Finding> {
    let (used, most) = machine.connection_tracking?;
    (used.saturating_mul(10) >= most.saturating_mul(8)).then(|| {
        finding(
            Level::Warning,
            "connection-tracking",
            format!("The firewall remembers {used} connections of at most {most}."),
            "When its table is full, new visitors and new relayed calls are dropped without a word.",
            "`sysctl -w net.netfilter.nf_conntrack_max=…` higher, or exempt UDP 3478 from tracking (`notrack`).",
        )
    })
}

fn relay_ports(machine: &Machine) -> Option<Finding> {
    let (low, high) = machine.relay_ports?;
    let ports = high.saturating_sub(low).saturating_add(1);
    Some(if ports < RELAY_PORTS {
        finding(
            Level::Warning,
            "relay-ports",
            format!("The open relay has {ports} ports ({low} to {high})."),
            "A call of eight people, all relayed, needs more: the last ones are not connected.",
            format!("Give it at least {RELAY_PORTS}: --relay-ports."),
        )
    } else {
        finding(
            Level::Note,
            "relay-ports",
            format!("The open relay uses UDP {low} to {high}."),
            "A closed relay, the default, needs no ports of its own.",
            format!("Open UDP {low} to {high} in the firewall and in the router."),
        )
    })
}

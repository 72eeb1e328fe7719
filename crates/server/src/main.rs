//! The command `eyeline`.

use clap::Parser;
use eyeline_protocol::ids::RoomSecret;
use eyeline_protocol::link::Link;
use eyeline_server::arguments::{
    Arguments, Command, DoctorArguments, RelayCredentialArguments, ServeArguments,
};
use eyeline_server::doctor::{self, DoctorError, Health};
use eyeline_server::{Configuration, QrCode, Server, relay_credential};
use std::error::Error;
use std::io::IsTerminal as _;
use std::process::ExitCode;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        None => serve(arguments.serve),
        Some(Command::Serve(arguments)) => serve(*arguments),
        Some(Command::Link) => print_link(),
        Some(Command::Doctor(arguments)) => return examine(*arguments),
        Some(Command::RelayCredential(arguments)) => print_credential(arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("eyeline: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print_link() -> Result<(), Box<dyn Error>> {
    let mut secret = [0; RoomSecret::LENGTH];
    getrandom::fill(&mut secret)?;
    println!("{}", Link { secret: RoomSecret(secret), host: None });
    Ok(())
}

fn examine(arguments: DoctorArguments) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let examined =
        runtime.map_err(DoctorError::Tools).and_then(|runtime| runtime.block_on(doctor::run(arguments)));
    match examined {
        Ok(Health::Good) => ExitCode::SUCCESS,
        Ok(Health::Problems) => ExitCode::from(1),
        Err(error) => {
            eprintln!("eyeline doctor: {error}");
            ExitCode::from(2)
        }
    }
}

fn print_credential(arguments: RelayCredentialArguments) -> Result<(), Box<dyn Error>> {
    let credential = relay_credential::make(arguments)?;
    println!("username: {}\npassword: {}", credential.username, credential.password);
    Ok(())
}

fn serve(arguments: ServeArguments) -> Result<(), Box<dyn Error>> {
    log(arguments.log);
    let qr = match (arguments.qr, std::io::stdout().is_terminal()) {
        (true, _) => QrCode::Always,
        (false, true) => QrCode::IfUseful,
        (false, false) => QrCode::Never,
    };
    let configuration = Configuration::try_from(arguments)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        // Before the ports are announced: a signal that comes right after that must find its handler.
        let shutdown = shutdown_signal()?;
        let server = Server::bind(configuration).await?;
        // On standard output, for people and for programs that start the server on port 0.
        print!("{}", server.announcement(qr));
        server.run(shutdown).await;
        println!("Eyeline has stopped.");
        Ok(())
    })
}

/// The cores' libraries log every malformed datagram, which anybody can send: they are not listened to.
fn log(level: LevelFilter) {
    let targets = Targets::new()
        .with_default(level)
        .with_target("stun_types", LevelFilter::OFF)
        .with_target("turn_types", LevelFilter::OFF);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    tracing_subscriber::registry().with(lines).with(targets).init();
}

/// Completes at the first SIGTERM or SIGINT.
#[cfg(unix)]
fn shutdown_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Completes at the first Ctrl-C.
#[cfg(not(unix))]
fn shutdown_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _failed = tokio::signal::ctrl_c().await;
    })
}

//! `netlab shell KIND`: a shell in a home of that kind, with an internet behind it. Started by `cargo xtask netlab`.

use anyhow::{Context as _, Result, bail, ensure};
use eyeline_netlab::{Condition, Home, Host, Internet, Kind, Network};
use std::process::{Command, ExitCode};
use std::time::Duration;

const HELP: &str = "\
netlab shell KIND [OPTION VALUE...] [-- COMMAND...]

  Opens a shell (or runs COMMAND) in a home behind a router of this KIND:
    open, cone, address-restricted, port-restricted, symmetric, double, udp-blocked, only-443, ipv6-only

  The home's link to the internet can be a bad one, the same in both directions:
    --delay MILLISECONDS       how long each packet takes
    --jitter MILLISECONDS      how much longer at most
    --loss PERCENT             how many are lost
    --reordering PERCENT       how many are overtaken
    --rate KBIT                kilobits a second
    --seed NUMBER              where the dice start (0)

  Needs root. Everything ends with the shell.
";

/// The name by which the home knows the host on the internet.
const NAME: &str = "server.test";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("netlab: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<ExitCode> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ["shell", kind, rest @ ..] = words.as_slice() else {
        print!("{HELP}");
        ensure!(words.is_empty() || words == ["--help"], "no such command: {}", words.join(" "));
        return Ok(ExitCode::SUCCESS);
    };
    let kind: Kind = kind.parse().map_err(anyhow::Error::msg)?;
    let end = rest.iter().position(|word| *word == "--").unwrap_or(rest.len());
    let (options, command) = rest.split_at(end);
    let condition = condition(options)?;

    let internet = Internet::new()?;
    let host = internet.host()?;
    let home = match condition {
        None => internet.home(kind)?,
        Some(condition) => internet.home_over(kind, condition)?,
    };
    home.network.set_names(&[(NAME, host.address.into()), (NAME, host.ipv6_address.into())])?;

    let shell = std::env::var("SHELL").unwrap_or_else(|_| "/bin/sh".into());
    let mut words = command.iter().skip(1).map(|&word| word.to_owned());
    let program = words.next();
    let by_hand = program.is_none();
    if by_hand {
        print!("{}", describe(&host, &home)?);
    }
    let mut command = home.network.command_with_children(program.unwrap_or(shell));
    command.args(words);
    let status = home.network.run(move || Command::status(&mut command))?.context("starting the shell")?;
    if by_hand {
        // A shell ends with the outcome of the last command in it, which is nobody's failure.
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}

/// The condition of the link; `None`: no word was said about it.
fn condition(mut options: &[&str]) -> Result<Option<Condition>> {
    if options.is_empty() {
        return Ok(None);
    }
    let mut condition = Condition::default();
    while let [option, value, rest @ ..] = options {
        let number: u32 = value.parse().with_context(|| format!("{option} {value}: not a whole number"))?;
        let milliseconds = Duration::from_millis(number.into());
        let part = f64::from(number) / 100.0;
        match *option {
            "--delay" => condition.delay = milliseconds,
            "--jitter" => condition.jitter = milliseconds,
            "--loss" => condition.loss = part,
            "--reordering" => condition.reordering = part,
            "--rate" => condition.rate = Some(number.saturating_mul(1000)),
            "--seed" => condition.seed = number.into(),
            _ => bail!("no such option: {option}\n\n{HELP}"),
        }
        options = rest;
    }
    ensure!(options.is_empty(), "{} needs a value\n\n{HELP}", options.concat());
    Ok(Some(condition))
}

/// What is where, and how to get there from another terminal.
fn describe(host: &Host, home: &Home) -> Result<String> {
    let enter = |network: &Network| -> Result<String> {
        let path = network.path().context("a namespace has a path")?;
        Ok(format!("    nsenter --net={}\n", path.display()))
    };
    let mut text = format!(
        "You are in a home of the kind {}, at {}. From outside it is {}.\n\n",
        home.kind,
        home.network.address,
        home.public_address.map_or("the same".to_owned(), |address| address.to_string())
    );
    text += &format!("  {NAME} on the internet: {} and {}\n", host.address, host.ipv6_address);
    text += &enter(&host.network)?;
    for (number, router) in home.routers.iter().enumerate() {
        text += &format!(
            "  router {} of {} towards the internet (nft list ruleset; conntrack -L)\n",
            number + 1,
            home.routers.len()
        );
        text += &enter(router)?;
    }
    text += "  this home, from another terminal\n";
    text += &enter(&home.network)?;
    text += "\nEverything ends with this shell.\n";
    Ok(text)
}

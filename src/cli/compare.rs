//! `wp-sidecar compare`: asks the live plugins and the service the same requests of an access log, and says of each
//! endpoint how many answers are equal and what differs, so that the owner sees parity before the switch.
//!
//! Only methods that read are ever asked, by method and not by verb, and nothing is written to the database from here.

mod content;
mod difference;
mod documented;
mod line;
mod mask;
mod own_service;
mod replay;
mod report;
mod requests;
mod side;
mod verdict;

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;

use super::SettingsArguments;
use super::live_site::exposes;
use crate::http::routes::Place;
use own_service::OwnService;
use replay::Replay;
use report::{Outcome, Report};
use requests::Requests;
use side::Side;
use verdict::Judge;

/// What gzip puts in front.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The exit code when it could not be compared.
const NOT_COMPARED: u8 = 2;

#[derive(Args)]
pub struct Arguments {
    /// The site as its apps reach it, where the plugins still answer, for example https://example.org.
    #[arg(long, value_name = "URL")]
    live: String,
    /// A service that runs; without it one of these settings is started for as long as it takes.
    #[arg(long, value_name = "URL")]
    service: Option<String>,
    /// An access log, or a list of paths or addresses, one a line; - for standard input.
    #[arg(long, value_name = "FILE")]
    log: PathBuf,
    /// One JSON object instead of text.
    #[arg(long)]
    json: bool,
    /// Different requests of one endpoint that are asked, the most frequent first.
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    /// Requests to the live site in a second.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rate: u32,
    /// How long an answer may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
    /// A field that may differ, for example version, user.url, or user/info:version for one method alone.
    #[arg(long, value_name = "FIELD")]
    ignore: Vec<String>,
    /// A PEM file with the authority that signed the site's certificate, where the usual ones do not know it.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    #[command(flatten)]
    settings: SettingsArguments,
}

/// Compares and prints. The exit code is 0 when nothing differs but what is documented, 1 when something does, and 2
/// when it could not be compared.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match actix_web::rt::System::new().block_on(compare(arguments)) {
        Ok(Outcome::Equal) => Ok(ExitCode::SUCCESS),
        Ok(Outcome::Different) => Ok(ExitCode::FAILURE),
        Ok(Outcome::Incomplete) => Ok(ExitCode::from(NOT_COMPARED)),
        Err(error) if super::is_cut_short(&error) => Err(error),
        Err(error) => {
            #[expect(
                clippy::print_stderr,
                reason = "a command's last words; 1 would say that answers differ"
            )]
            {
                eprintln!("wp-sidecar: {error:#}");
            }
            Ok(ExitCode::from(NOT_COMPARED))
        }
    }
}

async fn compare(arguments: Arguments) -> anyhow::Result<Outcome> {
    let Arguments { live, service, log, json, limit, rate, timeout, ignore, ca, settings } = arguments;
    let timeout = Duration::from_secs(timeout);
    let authorities = ca.as_deref().map(side::authorities).transpose()?.unwrap_or_default();
    let sources = settings.sources();
    let mut own = OwnService::open(sources.clone(), &[]).await?;
    let site = Arc::clone(&own.site);
    let place = Place { home: &site.home, base: &site.base };
    let visit = |name: &str, address: &str| {
        let visited = Side::new(name, address, place.folder(), timeout, authorities.clone())?;
        if exposes(visited.address(), &site.home) {
            bail!(
                "{name}: {} would carry users' cookies readable; give an https:// address",
                visited.shown()
            );
        }
        Ok(visited)
    };
    let live = visit("--live", &live)?;
    let requests =
        Requests::read(open(&log)?, place, limit).with_context(|| format!("--log {}", log.display()))?;
    let started = service.is_none();
    let address = service.map_or_else(|| own.serve(), Ok)?;
    let service = visit("--service", &address)?.forwarding_for(&live);
    let mut unhidden = None;
    if requests.asked.iter().any(|asked| asked.endpoint.method == "xprofile") {
        let mut other = OwnService::open(sources, &[("xprofile.ignore_visibility", "true")]).await?;
        let address = other.serve()?;
        unhidden = Some((other, visit("--service", &address)?.forwarding_for(&live)));
    }
    let named = if started { "started with these settings".to_owned() } else { service.shown() };
    let mut report = Report::new(live.shown(), named, &requests);
    let replay = Replay {
        live: &live,
        service: &service,
        unhidden: unhidden.as_ref().map(|(_, side)| side),
        judge: Judge { ignored: &ignore, protected: &site.protected_meta },
        pause: Duration::from_secs(1) / rate,
    };
    announce(requests.asked.len(), rate);
    replay.run(&requests.asked, &mut report).await;
    own.stop().await;
    if let Some((other, _)) = unhidden {
        other.stop().await;
    }
    report.print(&mut io::stdout().lock(), json)?;
    Ok(report.outcome())
}

/// Somebody at a terminal is told how long it takes.
fn announce(count: usize, rate: u32) {
    if count > 0 && io::stdout().is_terminal() {
        #[expect(clippy::print_stderr, reason = "the report itself goes to standard output")]
        {
            eprintln!(
                "wp-sidecar: asks {count} requests, {rate} a second; Ctrl-C ends it with what was found"
            );
        }
    }
}

fn open(log: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    let named = || format!("--log {}", log.display());
    let mut log: Box<dyn BufRead> = if log == Path::new("-") {
        Box::new(BufReader::new(io::stdin()))
    } else {
        Box::new(BufReader::new(File::open(log).with_context(named)?))
    };
    if log.fill_buf().with_context(named)?.starts_with(&GZIP) {
        bail!(
            "the log is compressed; unpack it on the way: zcat access.log.gz | wp-sidecar compare --log - …"
        );
    }
    Ok(log)
}

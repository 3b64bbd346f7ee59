//! `wp-sidecar serve`.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use anyhow::Context as _;
use rustix::net::Shutdown;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, timeout_at};

use super::notify::Manager;
use crate::ambient::{self, Clock, Random};
use crate::app::App;
use crate::http::figures::Figures;
use crate::http::{metrics, server};
use crate::settings::{MailTransport, Settings, Sources};

/// How long mails that are still queued may take at least, after the last request.
const LAST_MAILS: Duration = Duration::from_secs(2);

/// What ending takes besides that: a service manager that waits as long never has to kill.
const ENDING: Duration = Duration::from_secs(15);

/// How long the framework's own thread has to hear of a pause; nothing tells when it did.
const PAUSE: Duration = Duration::from_millis(20);

/// Files and connections besides those of clients.
const OTHER_FILES: u64 = 1024;

/// Serves until it is told to stop.
pub fn run(sources: &Sources) -> anyhow::Result<()> {
    let settings = Settings::load(sources)?;
    allow_for_connections(settings.limits.connections);
    warn_of_sendmail(&settings.mail.transport);
    let listener = bind("server.listen", settings.server.listen)?;
    let metrics =
        settings.features.metrics_listen.map(|listen| bind("metrics.listen", listen)).transpose()?;
    actix_web::rt::System::new().block_on(async {
        let app = Arc::new(App::new(settings, Clock::System, Random::System)?);
        let figures = Arc::default();
        let metrics = metrics.map(|listener| serve_metrics(&app, &figures, listener)).transpose()?;
        let done = serve(&app, &figures, listener).await;
        if let Some(metrics) = metrics {
            metrics.stop(false).await;
        }
        done
    })
}

/// Each connection takes two descriptors, and the usual limit of 1024 is for programs of another age. No more than
/// needed: the mail program inherits it, and some look at every number below it.
fn allow_for_connections(connections: usize) {
    let wanted = u64::try_from(connections).unwrap_or(u64::MAX).saturating_mul(2).saturating_add(OTHER_FILES);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return;
    }
    let allowed = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(allowed), maximum }).is_ok();
    if !raised || allowed < wanted {
        tracing::warn!(wanted, "too few open files are allowed for limits.connections; see ulimit -n");
    }
}

/// Postfix and Exim take mails through programs that become somebody else. Where that is forbidden, Postfix's waits without
/// an end for a folder that it may not write.
fn warn_of_sendmail(transport: &MailTransport) {
    let MailTransport::Sendmail(program) = transport else { return };
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if status.lines().any(|line| line == "NoNewPrivs:\t1") {
        tracing::warn!(
            program = %program.display(),
            "mail.transport is sendmail, and nothing that this service starts may gain rights (NoNewPrivileges): the \
             sendmail of Postfix and of Exim takes no mail then; set mail.transport to smtp"
        );
    }
}

fn bind(setting: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).with_context(|| format!("{setting} = {address}"))
}

fn serve_metrics(
    app: &Arc<App>,
    figures: &Arc<Figures>,
    listener: TcpListener,
) -> anyhow::Result<ServerHandle> {
    let server = metrics::run(app, figures, listener)?;
    let handle = server.handle();
    tokio::spawn(server);
    Ok(handle)
}

/// Serves an application on a listener, with what runs beside the requests, until a signal says that it is enough.
pub async fn serve(app: &Arc<App>, figures: &Arc<Figures>, listener: TcpListener) -> anyhow::Result<()> {
    let mut signals = Signals::new()?;
    let listen = listener.local_addr()?;
    let door = listener.try_clone()?;
    let manager = Arc::new(Manager::of(&ambient::environment()));
    let mails = tokio::spawn(app.mailer.clone().run());
    let server = server::run(app, figures, listener)?;
    let handle = server.handle();
    let mut server = tokio::spawn(server);
    tracing::info!(%listen, "listening");
    let freshness = tokio::spawn(keep_fresh(Arc::clone(app), Arc::clone(&manager), listen));
    tokio::select! {
        // It ends by itself only when something is wrong.
        ended = &mut server => return Ok(ended??),
        () = signals.next() => {}
    }
    tracing::info!("stopping; a second signal ends at once");
    manager.stopping(app.settings.server.stop + ENDING);
    let stop = async {
        let until = Instant::now() + app.settings.server.stop;
        finish(app, &handle, &door, until).await;
        freshness.abort();
        app.mailer.drain(until.saturating_duration_since(Instant::now()).max(LAST_MAILS)).await;
        // Nothing is left to do for it.
        let _ = mails.await;
        app.db.close().await;
    };
    tokio::select! {
        () = stop => Ok(()),
        () = signals.next() => anyhow::bail!("ended by a second signal"),
    }
}

/// Keeps the knowledge of the site fresh and lets the service manager know of it. Ready is a service that has looked
/// once, even in vain: it answers, and a database that is away is nothing that a restart would mend.
async fn keep_fresh(app: Arc<App>, manager: Arc<Manager>, listen: SocketAddr) {
    let mut ready = false;
    app.keep_fresh(move |look| {
        let status = match look {
            Ok(site) => format!("Serving {} (WordPress {}) on {listen}", site.home, site.version),
            Err(error) => format!("Listening on {listen}, waiting for the database: {error}"),
        };
        if ready {
            manager.status(&status);
        } else {
            manager.ready(&status);
        }
        ready = true;
    })
    .await;
}

/// Takes no more connections and lets what runs come to its end.
async fn finish(app: &App, handle: &ServerHandle, door: &TcpListener, until: Instant) {
    app.running.end();
    handle.pause().await;
    tokio::time::sleep(PAUSE).await;
    // A pause alone leaves those who come at the door until the last request has ended; so they are refused.
    if let Err(error) = rustix::net::shutdown(door, Shutdown::Read) {
        tracing::warn!(%error, "new connections are not refused yet");
    }
    // What goes on without its caller is no connection that the server would wait for.
    app.running.wait(until.saturating_duration_since(Instant::now()) / 2).await;
    if timeout_at(until, handle.stop(true)).await.is_err() {
        tracing::warn!("some requests did not end in time");
        handle.stop(false).await;
    }
}

/// SIGTERM and SIGINT.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

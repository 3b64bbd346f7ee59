//! What the service manager is told: ready, stopping, and how things stand. systemd's protocol, sd_notify(3): datagrams on
//! the socket that `NOTIFY_SOCKET` names.
//!
//! A few lines instead of a crate: those read the environment by themselves, and know no abstract sockets.

use std::collections::BTreeMap;
use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use super::words::one_line;

/// How long a message may wait for room; a manager reads at once.
const PATIENCE: Duration = Duration::from_secs(1);

/// The service manager, or nobody.
#[derive(Debug)]
pub struct Manager(Option<UnixDatagram>);

impl Manager {
    /// The manager that started this process.
    pub fn of(environment: &BTreeMap<String, String>) -> Self {
        let Some(name) = environment.get("NOTIFY_SOCKET") else {
            return Self(None);
        };
        match connect(name) {
            Ok(socket) => Self(Some(socket)),
            Err(error) => {
                tracing::warn!(%error, socket = name, "the service manager cannot be told anything");
                Self(None)
            }
        }
    }

    /// Requests are answered from now on.
    pub fn ready(&self, status: &str) {
        self.tell(&format!("READY=1\nSTATUS={}", one_line(status)));
    }

    /// How things stand, in a line for `systemctl status`.
    pub fn status(&self, status: &str) {
        self.tell(&format!("STATUS={}", one_line(status)));
    }

    /// The end has begun and takes no longer than this, whatever the manager's own limit is.
    pub fn stopping(&self, limit: Duration) {
        self.tell(&format!("STOPPING=1\nSTATUS=Stopping\nEXTEND_TIMEOUT_USEC={}", limit.as_micros()));
    }

    fn tell(&self, message: &str) {
        let Some(socket) = &self.0 else { return };
        if let Err(error) = socket.send(message.as_bytes()) {
            tracing::warn!(%error, "the service manager was not told");
        }
    }
}

/// A path, or a name without a file behind an `@`.
fn connect(name: &str) -> io::Result<UnixDatagram> {
    let address = match name.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(name)?,
    };
    let socket = UnixDatagram::unbound()?;
    socket.set_write_timeout(Some(PATIENCE))?;
    socket.connect_addr(&address)?;
    Ok(socket)
}

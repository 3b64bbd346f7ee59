//! A proxy between the service and its database that does to the connections what cables, switches and clusters do.
//!
//! It knows MySQL's packets well enough to tell one command from the next, as long as the connection is without TLS;
//! with TLS only what holds for all bytes can be done.
//! Not here: when it should do so, and what must come of it.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "shared by several test crates, each using a part; a failure here is a failed test"
)]

use std::collections::{BTreeMap, VecDeque};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs as _};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use super::server::free_port;
use packet::{COM_QUERY, NOT_ANSWERED, asks_for_tls, error_packet, read_packet};

#[path = "packet.rs"]
mod packet;

/// What happens to everything that goes one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It passes.
    Pass,
    /// Each packet or answer passes after this time.
    Delay(Duration),
    /// Half a packet passes, and the rest when the way is open again. Connections stay.
    Stall,
}

/// What a new connection meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// The database.
    Open,
    /// Its end, at once.
    Hangup,
    /// Nothing: it is made, and no greeting comes.
    Silent,
    /// Nobody listens.
    Closed,
}

/// Which command meets a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// The next statement sent as text that begins so.
    Text(&'static str),
    /// The one after this many others of any connection, of those that are answered.
    After(usize),
}

/// What happens to one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The server rolls back and answers with this error.
    Veto(u16),
    /// The connection ends before the server hears of it.
    LostBefore,
    /// The connection ends when half of it was sent.
    LostWithin,
    /// The server does it; the connection ends before the client hears of it.
    LostAfter,
    /// The server does it; the connection ends when half of the answer was sent.
    LostInAnswer,
    /// The server never hears of it, and the connection stays.
    HungBefore,
    /// The server does it, its answer never comes, and the connection stays.
    HungAfter,
}

impl Fault {
    /// Those that end or hang a connection.
    pub const LOSSES: [Self; 4] = [Self::LostBefore, Self::LostWithin, Self::LostAfter, Self::LostInAnswer];
}

struct State {
    target: SocketAddr,
    up: Way,
    down: Way,
    door: Door,
    faults: VecDeque<(Trigger, Fault)>,
    /// Both ends of every connection that may still be alive.
    connections: BTreeMap<u64, (TcpStream, TcpStream)>,
    accepted: u64,
    ended: bool,
}

impl State {
    /// Remembers a connection and gives its number.
    fn keep(&mut self, client: TcpStream, database: TcpStream) -> u64 {
        self.accepted += 1;
        self.connections.insert(self.accepted, (client, database));
        self.accepted
    }
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("the proxy's state")
    }
}

/// A listening proxy; it ends with all its connections when it is dropped.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    listening: Mutex<Option<JoinHandle<()>>>,
}

impl Proxy {
    /// Listens before that server.
    pub fn before(host: &str, port: u16) -> Self {
        let state = State {
            target: address(host, port),
            up: Way::Pass,
            down: Way::Pass,
            door: Door::Open,
            faults: VecDeque::new(),
            connections: BTreeMap::new(),
            accepted: 0,
            ended: false,
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let proxy = Self { port: free_port(), shared, listening: Mutex::new(None) };
        proxy.listen();
        proxy
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Leads connections to come to another server.
    pub fn lead_to(&self, host: &str, port: u16) {
        self.shared.lock().target = address(host, port);
    }

    /// What happens to what the service sends and to what the database answers, from now on.
    pub fn ways(&self, up: Way, down: Way) {
        let mut state = self.shared.lock();
        (state.up, state.down) = (up, down);
        self.shared.changed.notify_all();
    }

    /// What connections to come meet.
    pub fn door(&self, door: Door) {
        let before = std::mem::replace(&mut self.shared.lock().door, door);
        if door == Door::Closed {
            // Wakes the listener, which then sees the door and goes.
            let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
            if let Some(listening) = self.listening.lock().expect("the listener").take() {
                listening.join().expect("the listener ends well");
            }
        } else if before == Door::Closed {
            self.listen();
        }
    }

    /// Ends all connections that there are.
    pub fn cut(&self) {
        let connections = std::mem::take(&mut self.shared.lock().connections);
        for (client, database) in connections.into_values() {
            let _ = client.shutdown(Shutdown::Both);
            let _ = database.shutdown(Shutdown::Both);
        }
    }

    /// Adds a fault, to be met after those that were added before.
    pub fn arm(&self, trigger: Trigger, fault: Fault) {
        self.shared.lock().faults.push_back((trigger, fault));
    }

    /// Forgets the faults that were not met yet and says how many these were.
    pub fn disarm(&self) -> usize {
        self.shared.lock().faults.drain(..).count()
    }

    fn listen(&self) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).expect("the proxy's port");
        let shared = Arc::clone(&self.shared);
        let listening = std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (door, target, ended) = {
                    let state = shared.lock();
                    (state.door, state.target, state.ended)
                };
                match door {
                    _ if ended => break,
                    Door::Closed => break,
                    Door::Hangup => drop(client),
                    Door::Silent => {
                        let other = client.try_clone().expect("a socket");
                        shared.lock().keep(client, other);
                    }
                    // A server that is down is a connection that ends at once.
                    Door::Open => {
                        if let Ok(database) = TcpStream::connect_timeout(&target, PATIENCE) {
                            serve(client, database, &shared);
                        }
                    }
                }
            }
        });
        *self.listening.lock().expect("the listener") = Some(listening);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.ways(Way::Pass, Way::Pass);
        self.cut();
        self.door(Door::Closed);
    }
}

fn address(host: &str, port: u16) -> SocketAddr {
    (host.trim_matches(['[', ']']), port)
        .to_socket_addrs()
        .ok()
        .and_then(|mut all| all.next())
        .expect("an address")
}

/// What is to happen to the answer of a connection's last command; one direction tells the other.
type Fate = Mutex<Option<Fault>>;

fn serve(client: TcpStream, database: TcpStream, shared: &Arc<Shared>) {
    for socket in [&client, &database] {
        socket.set_nodelay(true).expect("a socket");
    }
    let clone = |socket: &TcpStream| socket.try_clone().expect("a socket");
    let (from, to) = (clone(&client), clone(&database));
    let (back_from, back_to) = (clone(&database), clone(&client));
    let number = shared.lock().keep(client, database);
    let up = Direction { from, to, shared: Arc::clone(shared), number };
    let down = Direction { from: back_from, to: back_to, shared: Arc::clone(shared), number };
    let fate: Arc<Fate> = Arc::default();
    let told = Arc::clone(&fate);
    std::thread::spawn(move || up.commands(&fate));
    std::thread::spawn(move || down.answers(&told));
}

/// One way of one connection.
struct Direction {
    from: TcpStream,
    to: TcpStream,
    shared: Arc<Shared>,
    number: u64,
}

impl Direction {
    /// From the service to the database, until either hangs up.
    fn commands(mut self, fate: &Fate) {
        while let Some(packet) = read_packet(&mut self.from) {
            let fault = self.fault_of(&packet);
            // Before the command goes out: its answer may come at once.
            *fate.lock().expect("the fate") = fault;
            let going = match fault {
                Some(Fault::LostBefore) => false,
                Some(Fault::LostWithin) => {
                    let _ = self.to.write_all(&packet[..packet.len() / 2]);
                    false
                }
                Some(Fault::HungBefore) => {
                    while read_packet(&mut self.from).is_some() {}
                    false
                }
                Some(Fault::Veto(_)) => self.pass(b"\x09\0\0\0\x03ROLLBACK", |state| state.up),
                _ => self.pass(&packet, |state| state.up),
            };
            if !going {
                break;
            }
            if asks_for_tls(&packet) {
                self.bytes();
                break;
            }
        }
        self.end();
    }

    /// What cannot be read.
    fn bytes(&mut self) {
        let mut buffer = vec![0; 65_536];
        while let Ok(length @ 1..) = self.from.read(&mut buffer) {
            if !self.pass(&buffer[..length], |state| state.up) {
                break;
            }
        }
    }

    /// From the database to the service.
    fn answers(mut self, fate: &Fate) {
        let mut buffer = vec![0; 65_536];
        while let Ok(length @ 1..) = self.from.read(&mut buffer) {
            let answer = &buffer[..length];
            let fault = fate.lock().expect("the fate").take();
            let going = match fault {
                Some(Fault::Veto(code)) => self.pass(&error_packet(code), |state| state.down),
                Some(Fault::LostInAnswer) => {
                    let _ = self.to.write_all(&answer[..length / 2]);
                    false
                }
                Some(Fault::HungAfter) => {
                    while self.from.read(&mut buffer).is_ok_and(|length| length > 0) {}
                    false
                }
                Some(_) => false,
                None => self.pass(answer, |state| state.down),
            };
            if !going {
                break;
            }
        }
        self.end();
    }

    /// The fault that this packet meets, if it is a command.
    fn fault_of(&self, packet: &[u8]) -> Option<Fault> {
        let (0, command) = (packet[3], *packet.get(4)?) else { return None };
        if NOT_ANSWERED.contains(&command) {
            return None;
        }
        let mut state = self.shared.lock();
        let fault = match state.faults.front_mut()? {
            (Trigger::After(0), fault) => *fault,
            (Trigger::After(count), _) => {
                *count -= 1;
                return None;
            }
            (Trigger::Text(text), fault) => {
                if command != COM_QUERY || !packet[5..].starts_with(text.as_bytes()) {
                    return None;
                }
                *fault
            }
        };
        state.faults.pop_front();
        Some(fault)
    }

    /// Sends what came, as the way is at the moment. False when the other end is gone.
    fn pass(&mut self, bytes: &[u8], way: impl Fn(&State) -> Way) -> bool {
        let state = self.shared.lock();
        match way(&state) {
            Way::Pass => {
                drop(state);
                self.to.write_all(bytes).is_ok()
            }
            Way::Delay(time) => {
                drop(state);
                std::thread::sleep(time);
                self.to.write_all(bytes).is_ok()
            }
            Way::Stall => {
                let (first, rest) = bytes.split_at(bytes.len() / 2);
                let sent = self.to.write_all(first);
                let stalled = |state: &mut State| way(state) == Way::Stall && !state.ended;
                drop(self.shared.changed.wait_while(state, stalled).expect("the proxy's state"));
                sent.and_then(|()| self.to.write_all(rest)).is_ok()
            }
        }
    }

    fn end(&self) {
        self.shared.lock().connections.remove(&self.number);
        let _ = self.from.shutdown(Shutdown::Both);
        let _ = self.to.shutdown(Shutdown::Both);
    }
}

/// How long a connection to the server may take: one that is stopped still takes a few.
const PATIENCE: Duration = Duration::from_secs(2);

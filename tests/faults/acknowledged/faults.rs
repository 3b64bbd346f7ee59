//! The faults, as they come and as they go.

use std::io::Read as _;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use crate::proxy::{Door, Way};
use crate::server::Server;
use crate::session::Session;
use crate::stage::{ACCOUNT, ANSWER_LIMIT, STATEMENT_SECONDS, Stage, prepare};

/// Where faults happen.
pub struct Scene {
    pub stage: Stage,
    /// Another client.
    session: Session,
    /// Connections that others hold.
    held: Vec<TcpStream>,
    /// Where the site moves to, and then where it was.
    second: Option<Arc<Server>>,
}

impl Scene {
    pub fn new(stage: Stage) -> Self {
        let session = stage.session();
        Self { stage, session, held: Vec::new(), second: None }
    }

    /// A client of the server that runs now.
    fn new_session(&mut self) {
        self.session = self.stage.session();
    }

    fn lose(&self, door: Door) {
        self.stage.proxy.door(door);
        self.stage.proxy.cut();
    }

    fn open(&self) {
        self.stage.proxy.ways(Way::Pass, Way::Pass);
        self.stage.proxy.door(Door::Open);
    }
}

/// One fault.
pub struct Fault {
    pub name: &'static str,
    pub lasts: Duration,
    pub begin: fn(&mut Scene),
    /// What happens again and again while it lasts.
    pub tick: fn(&mut Scene),
    pub end: fn(&mut Scene),
    /// What the longest answer may take.
    pub answers_within: Duration,
    /// Some clients are answered 503, or none is; `None` where both may be.
    pub is_noticed: Option<bool>,
    /// It is tried on MySQL too.
    pub on_mysql: bool,
}

/// A fault that clients notice.
const NOTICED: Fault = Fault {
    name: "",
    lasts: Duration::from_secs(1),
    begin: |_| {},
    tick: |_| {},
    end: |_| {},
    answers_within: ANSWER_LIMIT,
    is_noticed: Some(true),
    on_mysql: false,
};

/// Longer than a statement may take.
const LONG: Duration = Duration::from_millis(STATEMENT_SECONDS * 1000 + 1200);

/// What a client may wait where nothing has to be waited for.
const SOON: Duration = Duration::from_secs(2);

pub const FAULTS: &[Fault] = &[
    Fault {
        name: "slow network, 30 ms each way",
        begin: |scene| {
            let slow = Way::Delay(Duration::from_millis(30));
            scene.stage.proxy.ways(slow, slow);
        },
        end: |scene| scene.open(),
        is_noticed: Some(false),
        ..NOTICED
    },
    Fault {
        name: "all connections cut once",
        lasts: Duration::from_millis(400),
        begin: |scene| scene.stage.proxy.cut(),
        answers_within: SOON,
        on_mysql: true,
        is_noticed: None,
        ..NOTICED
    },
    Fault {
        name: "answers stall in the middle of a packet",
        lasts: LONG,
        begin: |scene| scene.stage.proxy.ways(Way::Pass, Way::Stall),
        end: |scene| scene.open(),
        on_mysql: true,
        ..NOTICED
    },
    Fault {
        name: "statements stall in the middle of a packet",
        lasts: LONG,
        begin: |scene| scene.stage.proxy.ways(Way::Stall, Way::Pass),
        end: |scene| scene.open(),
        ..NOTICED
    },
    Fault {
        name: "connections accepted and hung up",
        begin: |scene| scene.lose(Door::Hangup),
        end: |scene| scene.open(),
        answers_within: SOON,
        ..NOTICED
    },
    Fault {
        name: "connections refused",
        begin: |scene| scene.lose(Door::Closed),
        end: |scene| scene.open(),
        answers_within: SOON,
        ..NOTICED
    },
    Fault {
        name: "connections accepted, no greeting",
        lasts: LONG,
        begin: |scene| scene.lose(Door::Silent),
        end: |scene| {
            scene.stage.proxy.cut();
            scene.open();
        },
        ..NOTICED
    },
    Fault {
        name: "server restarted",
        lasts: Duration::from_millis(500),
        begin: |scene| scene.stage.server.end("TERM"),
        end: |scene| {
            scene.stage.server.start_again();
            scene.new_session();
        },
        on_mysql: true,
        ..NOTICED
    },
    Fault {
        name: "server killed and started again",
        lasts: Duration::from_millis(500),
        begin: |scene| scene.stage.server.end("KILL"),
        end: |scene| {
            scene.stage.server.start_again();
            scene.new_session();
        },
        on_mysql: true,
        ..NOTICED
    },
    Fault {
        name: "server stopped by a signal, then continued",
        lasts: LONG,
        begin: |scene| scene.stage.server.signal("STOP"),
        end: |scene| scene.stage.server.signal("CONT"),
        ..NOTICED
    },
    Fault {
        name: "KILL CONNECTION of all, again and again",
        tick: |scene| scene.stage.kill_connections(),
        answers_within: SOON,
        on_mysql: true,
        ..NOTICED
    },
    Fault {
        name: "KILL QUERY of all, again and again",
        tick: |scene| drop(scene.stage.sql(&format!("KILL QUERY USER {ACCOUNT}"))),
        answers_within: SOON,
        is_noticed: None,
        ..NOTICED
    },
    Fault {
        name: "max_connections taken by others",
        begin: |scene| {
            scene.lose(Door::Closed);
            scene.stage.sql("SET GLOBAL max_connections = 10");
            // Each greeting is a place taken; the error that the server is full begins with 0xFF.
            loop {
                let address = (scene.stage.server.host(), scene.stage.server.port());
                let mut connection = TcpStream::connect(address).expect("the server");
                let mut head = [0; 5];
                connection.read_exact(&mut head).expect("a greeting");
                if head[4] == 0xFF {
                    break;
                }
                scene.held.push(connection);
            }
            scene.stage.proxy.door(Door::Open);
        },
        end: |scene| {
            scene.held.clear();
            scene.stage.sql("SET GLOBAL max_connections = 300");
        },
        ..NOTICED
    },
    Fault {
        name: "account locked",
        begin: |scene| {
            for host in ["%", "localhost"] {
                scene.stage.sql(&format!("ALTER USER '{ACCOUNT}'@'{host}' ACCOUNT LOCK"));
            }
            scene.stage.kill_connections();
        },
        end: |scene| {
            for host in ["%", "localhost"] {
                scene.stage.sql(&format!("ALTER USER '{ACCOUNT}'@'{host}' ACCOUNT UNLOCK"));
            }
        },
        answers_within: SOON,
        ..NOTICED
    },
    Fault {
        name: "server read-only",
        begin: |scene| drop(scene.stage.sql("SET GLOBAL read_only = 1")),
        end: |scene| drop(scene.stage.sql("SET GLOBAL read_only = 0")),
        on_mysql: true,
        ..NOTICED
    },
    Fault {
        name: "deadlocks with another client",
        tick: |scene| {
            // The service locks the user's row first and the rows of the meta behind it.
            scene.stage.attempt(
                "BEGIN; UPDATE wp_usermeta SET meta_value = CONCAT(meta_value, '') WHERE user_id > 12; \
                 SELECT ID FROM wp_users WHERE ID > 12 FOR UPDATE; ROLLBACK",
            );
        },
        is_noticed: Some(false),
        on_mysql: true,
        ..NOTICED
    },
    Fault {
        name: "users' rows locked by another client",
        lasts: LONG,
        begin: |scene| drop(scene.session.run("BEGIN; SELECT ID FROM wp_users FOR UPDATE")),
        end: |scene| drop(scene.session.run("ROLLBACK")),
        on_mysql: true,
        is_noticed: None,
        ..NOTICED
    },
    Fault {
        name: "backup with FLUSH TABLES WITH READ LOCK",
        lasts: LONG,
        begin: |scene| drop(scene.session.run("FLUSH TABLES WITH READ LOCK")),
        end: |scene| drop(scene.session.run("UNLOCK TABLES")),
        ..NOTICED
    },
    Fault {
        name: "fail-over; the old server lives on, read-only",
        begin: |scene| {
            let second = Server::own_mariadb(&[]);
            let database = prepare(&second);
            assert_eq!(database, scene.stage.database);
            scene.stage.sql("SET GLOBAL read_only = 1");
            scene.stage.server.copy_to(&second, &database);
            scene.second = Some(Arc::new(second));
        },
        end: |scene| {
            let second = scene.second.take().expect("the other server");
            scene.stage.proxy.lead_to(second.host(), second.port());
            scene.second = Some(std::mem::replace(&mut scene.stage.server, second));
        },
        ..NOTICED
    },
];

//! What the service is measured against: the same HTTP library and the same driver answer a constant after no more
//! than the statements that an endpoint needs.
//!
//! Nothing is parsed, checked or written out; the values of the statements are constants, and each row is looked at
//! once. `--pool driver` takes the connections from the driver's own pool, without its question whether a connection
//! still lives; `--pool worker` gives each worker connections of its own, which is the least that the driver allows.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool of the benchmark; what fails ends it"
)]

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use std::cell::RefCell;
use std::rc::Rc;

use actix_web::{App, HttpResponse, HttpServer, web};
use clap::{Parser, ValueEnum};
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlPoolOptions, MySqlRow};
use sqlx::{ConnectOptions as _, MySqlPool, Row as _};
use tokio::sync::Semaphore;

/// One user with the rows of some keys; the keys and the login follow.
const USER: &str = "SELECT u.ID, u.user_login, u.user_pass, u.user_nicename, u.user_email, u.user_url, \
    CAST(u.user_registered AS CHAR), u.user_status, u.display_name, m.umeta_id, m.meta_key, m.meta_value \
    FROM wp_users u LEFT JOIN wp_usermeta m ON m.user_id = u.ID AND m.meta_key IN (KEYS) WHERE u.ID = WHO \
    ORDER BY m.umeta_id";

const BY_LOGIN: &str = "(SELECT ID FROM wp_users WHERE user_login = ? LIMIT 1)";

#[derive(Parser)]
struct Arguments {
    /// Ignored; cargo passes it on.
    #[arg(long, hide = true)]
    bench: bool,
    #[arg(long)]
    listen: String,
    #[arg(long)]
    database_url: String,
    #[arg(long, value_enum, default_value = "worker")]
    pool: PoolKind,
    /// Connections of all workers together.
    #[arg(long, default_value_t = 10)]
    connections: u32,
    #[arg(long)]
    login: String,
    #[arg(long)]
    user_id: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum PoolKind {
    Driver,
    Worker,
}

/// Where a request gets its connection.
#[derive(Clone)]
enum Source {
    Driver(MySqlPool),
    Worker(Rc<Worker>),
}

/// Connections of one worker, which nobody else has to be kept away from.
struct Worker {
    options: MySqlConnectOptions,
    places: Semaphore,
    idle: RefCell<Vec<MySqlConnection>>,
}

impl Source {
    async fn fetch(&self, sql: &'static str, values: &[Value<'_>]) -> Vec<MySqlRow> {
        let query = values.iter().fold(sqlx::query(sql), |query, value| match value {
            Value::Text(text) => query.bind(*text),
            Value::Number(number) => query.bind(*number),
        });
        match self {
            Self::Driver(pool) => query.fetch_all(pool).await.expect("the statement runs"),
            Self::Worker(worker) => {
                let _place = worker.places.acquire().await.expect("never closed");
                let idle = worker.idle.borrow_mut().pop();
                let mut connection = match idle {
                    Some(connection) => connection,
                    None => worker.options.connect().await.expect("a database"),
                };
                let rows = query.fetch_all(&mut connection).await.expect("the statement runs");
                worker.idle.borrow_mut().push(connection);
                rows
            }
        }
    }
}

enum Value<'a> {
    Text(&'a str),
    Number(u64),
}

struct State {
    source: Source,
    login: String,
    user_id: u64,
    sqls: Vec<&'static str>,
}

async fn x(state: web::Data<State>, p: web::Path<usize>) -> HttpResponse {
    let sql = state.sqls[*p];
    let rows = if sql.contains("user_login = ?") {
        state.source.fetch(sql, &[Value::Text(&state.login)]).await
    } else {
        state.source.fetch(sql, &[Value::Number(state.user_id)]).await
    };
    assert!(!rows.is_empty());
    HttpResponse::Ok().content_type("application/json").body("{\"status\":\"ok\",\"valid\":true}")
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let options: MySqlConnectOptions = arguments.database_url.parse().expect("url");
    let options = options
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .timezone(None)
        .charset("utf8mb4")
        .collation("utf8mb4_unicode_520_ci")
        .disable_statement_logging();
    let sqls: Vec<&'static str> =
        std::env::var("SQLS").unwrap().split(';').map(|s| &*s.trim().to_owned().leak()).collect();
    let a = std::sync::Arc::new(arguments);
    let pool = MySqlPoolOptions::new()
        .max_connections(a.connections)
        .test_before_acquire(false)
        .connect_lazy_with(options.clone());
    let listen = a.listen.clone();
    HttpServer::new(move || {
        let source = match a.pool {
            PoolKind::Driver => Source::Driver(pool.clone()),
            PoolKind::Worker => Source::Worker(Rc::new(Worker {
                options: options.clone(),
                places: Semaphore::new(a.connections as usize / workers),
                idle: RefCell::default(),
            })),
        };
        App::new()
            .app_data(web::Data::new(State {
                source,
                login: a.login.clone(),
                user_id: a.user_id,
                sqls: sqls.clone(),
            }))
            .route("/x/{n}", web::get().to(x))
    })
    .bind(listen)?
    .run()
    .await
}

//! What the service is measured against: the same HTTP library and the same driver answer a constant after the
//! statements that an endpoint needs, and do nothing else.
//!
//! The statements are the service's own; their values are constants, and the rows are read and dropped. `--pool
//! driver` takes connections from the driver's own pool, told not to ask each time whether a connection still lives.
//! `--pool worker` gives each worker connections of its own, which is the least that the driver allows.

#![allow(clippy::expect_used, reason = "a tool of the benchmark: what fails ends it")]

use std::cell::RefCell;
use std::rc::Rc;

use actix_web::{App, HttpResponse, HttpServer, web};
use clap::{Parser, ValueEnum};
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlPoolOptions, MySqlSslMode};
use sqlx::{ConnectOptions as _, MySqlPool};
use tokio::sync::Semaphore;

/// The service's own allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const IDENTITY: &str = "SELECT u.ID, u.user_pass, m.umeta_id, m.meta_key, m.meta_value FROM wp_users u \
    LEFT JOIN wp_usermeta m ON m.user_id = u.ID \
    AND CAST(CONVERT(m.meta_key USING utf8mb4) AS BINARY) IN (?) WHERE u.user_login = ?";

const READER: &str = "SELECT u.ID, u.user_pass, u.user_status, m.umeta_id, m.meta_key, m.meta_value FROM wp_users u \
    LEFT JOIN wp_usermeta m ON m.user_id = u.ID \
    AND CAST(CONVERT(m.meta_key USING utf8mb4) AS BINARY) IN (?, ?) WHERE u.user_login = ?";

const BY_LOGIN: &str = "SELECT u.ID, u.user_login, u.user_pass, u.user_nicename, u.user_email, u.user_url, \
    CAST(u.user_registered AS CHAR), u.user_status, u.display_name, m.umeta_id, m.meta_key, m.meta_value \
    FROM wp_users u LEFT JOIN wp_usermeta m ON m.user_id = u.ID \
    AND CAST(CONVERT(m.meta_key USING utf8mb4) AS BINARY) IN (?, ?, ?, ?, ?, ?) \
    WHERE u.user_login = ?";

const BY_ID: &str = "SELECT u.ID, u.user_login, u.user_pass, u.user_nicename, u.user_email, u.user_url, \
    CAST(u.user_registered AS CHAR), u.user_status, u.display_name, m.umeta_id, m.meta_key, m.meta_value \
    FROM wp_users u LEFT JOIN wp_usermeta m ON m.user_id = u.ID \
    AND CAST(CONVERT(m.meta_key USING utf8mb4) AS BINARY) IN (?, ?, ?) WHERE u.ID = ?";

const META: &str = "SELECT umeta_id, meta_key, meta_value, \
    CONCAT(HEX(WEIGHT_STRING(CONVERT(meta_key USING utf8mb4) COLLATE utf8mb4_unicode_520_ci)), '/', \
     HEX(WEIGHT_STRING(CONVERT(meta_key USING utf8mb4) COLLATE utf8mb4_unicode_520_ci))) \
    FROM wp_usermeta WHERE user_id = ?";

const PROFILE: &str = "SELECT f.id, d.id, m.id, f.type, d.value, m.meta_key, m.meta_value, \
    (SELECT meta_value FROM wp_usermeta WHERE umeta_id = (SELECT MIN(umeta_id) FROM wp_usermeta \
     WHERE user_id = ? AND CAST(CONVERT(meta_key USING utf8mb4) AS BINARY) = 'bp_xprofile_visibility_levels')), 0, \
    CONCAT('', f.parent_id = 0 AND f.name = ?, f.parent_id = 0 AND f.name = ?, f.parent_id = 0 AND f.name = ?) \
    FROM wp_bp_xprofile_fields f LEFT JOIN wp_bp_xprofile_data d ON d.field_id = f.id AND d.user_id = ? \
    LEFT JOIN wp_bp_xprofile_meta m ON m.object_id = f.id AND m.object_type = 'field' AND m.meta_key IN (?, ?, ?, ?) \
    WHERE FALSE OR f.parent_id = 0 AND f.name = ? OR f.parent_id = 0 AND f.name = ? OR f.parent_id = 0 AND f.name = ?";

const SESSIONS: Value = Value::Text("session_tokens");
const CAPABILITIES: Value = Value::Text("wp_capabilities");
const NAMES: [Value; 3] = [Value::Text("nickname"), Value::Text("first_name"), Value::Text("last_name")];
const DESCRIPTION: Value = Value::Text("description");
const LABELS: [Value; 3] = [Value::Text("Name"), Value::Text("Bio"), Value::Text("Location")];
const FIELD_META: [Value; 4] = [
    Value::Text("default_visibility"),
    Value::Text("allow_custom_visibility"),
    Value::Text("date_format"),
    Value::Text("date_format_custom"),
];

#[derive(Clone, Copy)]
enum Value {
    Text(&'static str),
    /// The login of the user asked for.
    Login,
    /// Its number.
    Id,
}

#[derive(Parser)]
struct Arguments {
    #[arg(long)]
    listen: String,
    #[arg(long)]
    database_url: String,
    #[arg(long, value_enum)]
    pool: PoolKind,
    /// Connections of all workers together.
    #[arg(long)]
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
enum Source {
    Driver(MySqlPool),
    Worker(Rc<Worker>),
}

/// The connections of one worker.
struct Worker {
    options: MySqlConnectOptions,
    places: Semaphore,
    idle: RefCell<Vec<MySqlConnection>>,
}

struct State {
    source: Source,
    login: String,
    user_id: u64,
}

impl State {
    async fn fetch(&self, sql: &'static str, values: &[&[Value]]) {
        let query = values.iter().copied().flatten().fold(sqlx::query(sql), |query, value| match value {
            Value::Text(text) => query.bind(*text),
            Value::Login => query.bind(self.login.as_str()),
            Value::Id => query.bind(self.user_id),
        });
        let rows = match &self.source {
            Source::Driver(pool) => query.fetch_all(pool).await.expect("the statement runs"),
            Source::Worker(worker) => {
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
        };
        assert!(!rows.is_empty(), "nothing found by {sql}");
    }
}

async fn answer(state: web::Data<State>, method: web::Path<String>) -> HttpResponse {
    match method.as_str() {
        "validate_auth_cookie" => state.fetch(IDENTITY, &[&[SESSIONS, Value::Login]]).await,
        "get_currentuserinfo" => {
            let keys: [&[Value]; 4] = [&[SESSIONS, CAPABILITIES], &NAMES, &[DESCRIPTION], &[Value::Login]];
            state.fetch(BY_LOGIN, &keys).await;
        }
        "get_userinfo" => state.fetch(BY_ID, &[&NAMES, &[Value::Id]]).await,
        "get_user_meta" => {
            state.fetch(IDENTITY, &[&[SESSIONS, Value::Login]]).await;
            state.fetch(META, &[&[Value::Id]]).await;
        }
        "xprofile" => {
            state.fetch(READER, &[&[SESSIONS, CAPABILITIES, Value::Login]]).await;
            let values: [&[Value]; 5] = [&[Value::Id], &LABELS, &[Value::Id], &FIELD_META, &LABELS];
            state.fetch(PROFILE, &values).await;
        }
        _ => return HttpResponse::NotFound().finish(),
    }
    HttpResponse::Ok()
        .content_type("application/json; charset=UTF-8")
        .body("{\"status\":\"ok\",\"valid\":true}")
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let options: MySqlConnectOptions = arguments.database_url.parse().expect("the URL of a database");
    let options = options
        .ssl_mode(MySqlSslMode::Disabled)
        .collation("utf8mb4_unicode_520_ci")
        .disable_statement_logging();
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let each = usize::try_from(arguments.connections).expect("a small number").div_ceil(workers);
    let pool = MySqlPoolOptions::new()
        .max_connections(arguments.connections)
        .test_before_acquire(false)
        .connect_lazy_with(options.clone());
    let kind = arguments.pool;
    HttpServer::new(move || {
        let source = match kind {
            PoolKind::Driver => Source::Driver(pool.clone()),
            PoolKind::Worker => Source::Worker(Rc::new(Worker {
                options: options.clone(),
                places: Semaphore::new(each),
                idle: RefCell::default(),
            })),
        };
        let state = State { source, login: arguments.login.clone(), user_id: arguments.user_id };
        App::new().app_data(web::Data::new(state)).route("/api/user/{method}/", web::get().to(answer))
    })
    .bind(&arguments.listen)?
    .run()
    .await
}

//! What the pages of the manual say besides what the command line's definition knows.
//!
//! Not here: options and their texts; those stand at the commands themselves.

/// A term and what is to be known of it.
type Entry = (&'static str, &'static str);

/// One page's notes.
#[derive(Debug)]
pub struct Notes {
    /// The page, `wp-sidecar-check`.
    pub page: &'static str,
    /// Exit codes.
    pub exit_status: &'static [Entry],
    /// Variables.
    pub environment: &'static [Entry],
    /// Files that are read.
    pub files: &'static [Entry],
    /// What one may want, and what one then types.
    pub examples: &'static [Entry],
}

const USAGE: Entry = ("2", "The command line was not understood.");
const FAILED: Entry = ("1", "It could not be done. Standard error says why, in one line.");
const USUAL: &[Entry] = &[("0", "It was done."), FAILED, USAGE];

const LOG: Entry = (
    "RUST_LOG",
    "What is written to standard error: a level (error, warn, info, debug, trace), or levels by module, \
     such as info,sqlx=debug. serve and demo write info unless told otherwise, the other commands nothing.",
);
const SETTING: Entry = (
    "WP_SIDECAR__SECTION__KEY",
    "The setting section.key: WP_SIDECAR__SERVER__LISTEN is server.listen. It wins over the file of --config \
     and over wp-config.php; --set and the other options win over it.",
);
const VARIABLES: &[Entry] = &[LOG, SETTING];
const SERVICE_VARIABLES: &[Entry] = &[
    LOG,
    SETTING,
    (
        "NOTIFY_SOCKET",
        "Set by systemd for a service of Type=notify: where serve says that it is ready, how it stands, and that \
         it stops.",
    ),
];

const FILES: &[Entry] = &[
    (
        "wp-config.php",
        "In the folder of --wp-path or wordpress.path, or in the one above it, as WordPress looks for it. \
         Read as data, never executed: database, table prefix, keys and salts.",
    ),
    ("wp-includes/version.php", "In the same folder: which WordPress runs."),
    (
        "/etc/wp-sidecar/wp-sidecar.toml",
        "The settings of the system's service, as the Debian package has it. A command reads it only when \
         --config names it.",
    ),
];

/// All pages.
pub const NOTES: &[Notes] = &[
    Notes {
        page: "wp-sidecar",
        exit_status: USUAL,
        environment: VARIABLES,
        files: FILES,
        examples: &[
            ("See it work, with a database and a site of its own:", "wp-sidecar demo"),
            ("Look whether it would work beside a site:", "wp-sidecar check --wp-path /var/www/html"),
            ("Serve beside that site:", "wp-sidecar serve --wp-path /var/www/html --listen 127.0.0.1:8080"),
        ],
    },
    Notes {
        page: "wp-sidecar-serve",
        exit_status: &[
            (
                "0",
                "It was told to end by SIGTERM or SIGINT, and what ran has ended or has had its time \
                 (server.stop_seconds).",
            ),
            ("1", "It could not start, or a second signal ended it at once. Standard error says why."),
            USAGE,
        ],
        environment: SERVICE_VARIABLES,
        files: FILES,
        examples: &[
            ("With a file of settings:", "wp-sidecar serve --config /etc/wp-sidecar/wp-sidecar.toml"),
            (
                "With settings of the command line and of the environment:",
                "WP_SIDECAR__METRICS__LISTEN=127.0.0.1:9100 wp-sidecar serve --wp-path /var/www/html --set mail.transport=off",
            ),
            (
                "With a log for machines:",
                "RUST_LOG=info,wp_sidecar=debug wp-sidecar serve --wp-path /var/www/html --log-format json",
            ),
        ],
    },
    Notes {
        page: "wp-sidecar-check",
        exit_status: &[
            ("0", "All is well, or there are warnings alone."),
            ("1", "Something has failed: serve would not start, or would not work."),
            USAGE,
        ],
        environment: VARIABLES,
        files: FILES,
        examples: &[
            (
                "With the settings of the system's service:",
                "wp-sidecar check --config /etc/wp-sidecar/wp-sidecar.toml",
            ),
            (
                "What has failed, for a script:",
                "wp-sidecar check --wp-path /var/www/html --json | jq '.findings[] | select(.status == \"failed\")'",
            ),
            (
                "Whether the live site takes the service's cookie; the file has a cookie of a browser that is logged in:",
                "wp-sidecar check --wp-path /var/www/html --url https://example.org < cookie",
            ),
        ],
    },
    Notes {
        page: "wp-sidecar-compare",
        exit_status: &[
            ("0", "Nothing differs but what is documented."),
            ("1", "Something differs."),
            ("2", "It could not be compared, or the command line was not understood."),
        ],
        environment: VARIABLES,
        files: FILES,
        examples: &[
            (
                "Before the switch:",
                "wp-sidecar compare --wp-path /var/www/html --live https://example.org --log /var/log/nginx/access.log",
            ),
            (
                "Older logs too:",
                "zcat -f /var/log/nginx/access.log* | wp-sidecar compare --wp-path /var/www/html --live https://example.org --log -",
            ),
        ],
    },
    Notes {
        page: "wp-sidecar-cookie",
        exit_status: USUAL,
        environment: VARIABLES,
        files: FILES,
        examples: &[],
    },
    Notes {
        page: "wp-sidecar-cookie-inspect",
        exit_status: &[
            ("0", "WordPress would take the cookie."),
            ("1", "WordPress would refuse it, or it could not be looked at."),
            USAGE,
        ],
        environment: VARIABLES,
        files: FILES,
        examples: &[("A cookie in a file:", "wp-sidecar cookie inspect --wp-path /var/www/html < cookie")],
    },
    Notes {
        page: "wp-sidecar-cookie-issue",
        exit_status: USUAL,
        environment: VARIABLES,
        files: FILES,
        examples: &[(
            "A cookie of the user anna that holds for an hour:",
            "wp-sidecar cookie issue anna --seconds 3600 --wp-path /var/www/html",
        )],
    },
    Notes {
        page: "wp-sidecar-sessions",
        exit_status: USUAL,
        environment: VARIABLES,
        files: FILES,
        examples: &[],
    },
    Notes {
        page: "wp-sidecar-sessions-list",
        exit_status: USUAL,
        environment: VARIABLES,
        files: FILES,
        examples: &[(
            "Where the user anna is logged in:",
            "wp-sidecar sessions list anna --wp-path /var/www/html",
        )],
    },
    Notes {
        page: "wp-sidecar-sessions-end",
        exit_status: USUAL,
        environment: VARIABLES,
        files: FILES,
        examples: &[
            (
                "One session, by the key that the list shows:",
                "wp-sidecar sessions end anna --session 09018479d480 --wp-path /var/www/html",
            ),
            ("All of them:", "wp-sidecar sessions end anna --wp-path /var/www/html"),
        ],
    },
    Notes {
        page: "wp-sidecar-demo",
        exit_status: &[("0", "It was ended by Ctrl-C or SIGTERM."), FAILED, USAGE],
        environment: &[LOG],
        files: &[],
        examples: &[("On another port:", "wp-sidecar demo --listen 127.0.0.1:9000")],
    },
    Notes {
        page: "wp-sidecar-openapi",
        exit_status: USUAL,
        environment: &[],
        files: &[],
        examples: &[(
            "A collection for Postman:",
            "wp-sidecar openapi --site https://example.org --format postman > example.json",
        )],
    },
    Notes {
        page: "wp-sidecar-completions",
        exit_status: USUAL,
        environment: &[],
        files: &[],
        examples: &[
            (
                "For bash, with the package bash-completion:",
                "wp-sidecar completions bash > ~/.local/share/bash-completion/completions/wp-sidecar",
            ),
            ("For zsh, where the folder is in $fpath:", "wp-sidecar completions zsh > ~/.zfunc/_wp-sidecar"),
            ("For fish:", "wp-sidecar completions fish > ~/.config/fish/completions/wp-sidecar.fish"),
        ],
    },
    Notes {
        page: "wp-sidecar-man",
        exit_status: USUAL,
        environment: &[],
        files: &[],
        examples: &[
            ("Read the main page:", "wp-sidecar man | man -l -"),
            ("Install all pages for oneself:", "wp-sidecar man --dir ~/.local/share/man/man1"),
        ],
    },
];

/// The notes of a page.
pub fn notes_on(page: &str) -> Option<&'static Notes> {
    NOTES.iter().find(|notes| notes.page == page)
}

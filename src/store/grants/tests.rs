use super::*;
use crate::store::Tables;
use crate::store::needs::{Privilege, SiteParts, minimal_account};

fn server() -> ServerFacts {
    ServerFacts {
        version: "10.11.6-MariaDB".to_owned(),
        account: "u@localhost".to_owned(),
        database: "wp_site".to_owned(),
        now: 0,
        is_read_only: false,
        refuses_all_writes: false,
        has_tls: false,
        folds_case: false,
        has_partial_revokes: false,
    }
}

fn grants(rows: &[&str]) -> Grants {
    Grants::parse(rows.iter().copied(), &server())
}

fn may(rows: &[&str], privilege: Privilege) -> bool {
    grants(rows).allow("wp_site", "wp_users", privilege)
}

#[test]
fn what_holds_everywhere_holds_here() {
    assert!(may(&["GRANT ALL PRIVILEGES ON *.* TO `u`@`%` WITH GRANT OPTION"], Privilege::Delete));
    // MySQL writes them out.
    let mysql = [
        "GRANT SELECT, INSERT, CREATE TEMPORARY TABLES ON *.* TO `u`@`%`",
        "GRANT BINLOG_ADMIN ON *.* TO `u`@`%`",
    ];
    assert!(may(&mysql, Privilege::Insert));
    assert!(!may(&mysql, Privilege::Update));
    assert!(!may(
        &["GRANT USAGE ON *.* TO `u`@`%` IDENTIFIED BY PASSWORD '*94BDCEBE19083CE2A1F959FD02F964C7AF4CFC29'"],
        Privilege::Select
    ));
}

#[test]
fn a_databases_name_is_a_pattern() {
    for (pattern, holds) in [
        ("wp_site", true),
        (r"wp\_site", true),
        ("wp%", true),
        (r"wp\_%", true),
        ("wp_sit_", true),
        ("wp_sit", false),
        ("%s%t%", true),
        ("%", true),
        ("%%_", true),
        ("%x", false),
        ("_________", false),
        (r"wp\", false),
        (r"wp\_sit\_", false),
        ("WP_SITE", false),
        ("other", false),
    ] {
        let row = format!("GRANT SELECT ON `{pattern}`.* TO `u`@`%`");
        assert_eq!(may(&[&row], Privilege::Select), holds, "{pattern}");
    }
    // An escaped underscore is no wildcard: this is another database.
    assert!(!grants(&[r"GRANT SELECT ON `wp\_site`.* TO `u`@`%`"]).allow("wpXsite", "t", Privilege::Select));
    assert!(grants(&["GRANT SELECT ON `wp_site`.* TO `u`@`%`"]).allow("wpXsite", "t", Privilege::Select));
}

#[test]
fn with_partial_revokes_a_name_is_a_name_and_what_is_revoked_is_gone() {
    let mysql = ServerFacts { has_partial_revokes: true, ..server() };
    let parse = |rows: &[&str]| Grants::parse(rows.iter().copied(), &mysql);
    assert!(!parse(&["GRANT SELECT ON `wp%`.* TO `u`@`%`"]).allow("wp_site", "t", Privilege::Select));
    assert!(parse(&["GRANT SELECT ON `wp_site`.* TO `u`@`%`"]).allow("wp_site", "t", Privilege::Select));
    let rows = ["GRANT SELECT, INSERT ON *.* TO `u`@`%`", "REVOKE INSERT ON `wp_site`.* FROM `u`@`%`"];
    assert!(parse(&rows).allow("wp_site", "t", Privilege::Select));
    assert!(!parse(&rows).allow("wp_site", "t", Privilege::Insert));
    assert!(parse(&rows).allow("other", "t", Privilege::Insert));
}

#[test]
fn of_several_patterns_the_server_takes_the_most_special() {
    let rows = ["GRANT SELECT, UPDATE ON `wp%`.* TO `u`@`%`", r"GRANT SELECT ON `wp\_site`.* TO `u`@`%`"];
    assert!(may(&rows, Privilege::Select));
    assert!(!may(&rows, Privilege::Update));
    // A role's grants are looked at by themselves.
    let rows = ["GRANT UPDATE ON `wp%`.* TO `r`", r"GRANT SELECT ON `wp\_site`.* TO `u`@`%`"];
    assert!(may(&rows, Privilege::Select) && may(&rows, Privilege::Update));
}

#[test]
fn a_table_and_a_role_count_and_columns_do_not() {
    let rows = [
        "GRANT `r` TO `u`@`localhost`",
        "GRANT SELECT, UPDATE (`user_pass`, `user_login`) ON `wp_site`.`wp_users` TO `u`@`localhost`",
        "GRANT INSERT ON `wp_site`.`wp_users` TO `r`",
        "GRANT DELETE ON `wp_site`.`wp_users` TO PUBLIC",
        "SET DEFAULT ROLE `r` FOR `u`@`localhost`",
        "GRANT EXECUTE ON PROCEDURE `wp_site`.`p` TO `u`@`localhost`",
    ];
    let found = grants(&rows);
    assert!(found.has_role());
    for (privilege, holds) in [
        (Privilege::Select, true),
        (Privilege::Insert, true),
        (Privilege::Update, false),
        (Privilege::Delete, true),
    ] {
        assert_eq!(found.allow("wp_site", "wp_users", privilege), holds, "{privilege:?}");
    }
    assert!(!found.allow("wp_site", "wp_options", Privilege::Select));
}

#[test]
fn other_ways_of_quoting_are_read() {
    assert!(may(&[r#"GRANT SELECT ON "wp\_site".* TO "u"@"%""#], Privilege::Select));
    assert!(may(&["GRANT SELECT ON wp_site.wp_users TO u@localhost"], Privilege::Select));
    let odd = grants(&["GRANT SELECT ON `a``b`.* TO `u`@`%`"]);
    assert!(odd.allow("a`b", "t", Privilege::Select));
    for row in
        ["", "GRANT", "GRANT SELECT", "GRANT SELECT ON", "GRANT SELECT ON `x", "REVOKE", "GRANT ( ON ) TO"]
    {
        assert!(!may(&[row], Privilege::Select), "{row}");
    }
}

#[test]
fn letter_case_counts_where_the_server_says_so() {
    let folding = ServerFacts { folds_case: true, ..server() };
    let rows =
        ["GRANT SELECT ON `WP\\_Site`.* TO `u`@`%`", "GRANT INSERT ON `wp_SITE`.`WP_users` TO `u`@`%`"];
    let found = Grants::parse(rows.iter().copied(), &folding);
    assert!(found.allow("wp_site", "wp_users", Privilege::Select));
    assert!(found.allow("wp_site", "wp_users", Privilege::Insert));
    assert!(!may(&rows, Privilege::Select));
}

#[test]
fn what_is_granted_beyond_the_needs_is_named() {
    let tables = Tables::of(&crate::settings::Wordpress::default(), "utf8mb4");
    let parts = SiteParts { network: false, buddypress: false, components: &[] };
    let needs = tables.needs(parts);
    let minimal: Vec<String> = minimal_account("wp_site", "localhost", &needs);
    let minimal: Vec<&str> = minimal.iter().map(String::as_str).collect();
    assert_eq!(grants(&minimal).excess("wp_site", &needs), Vec::<String>::new());
    for need in &needs {
        for privilege in need.privileges {
            assert!(grants(&minimal).allow("wp_site", &need.table, *privilege), "{need:?}");
        }
    }
    let rows = [
        "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP ON *.* TO `u`@`%` WITH GRANT OPTION",
        "GRANT ALL PRIVILEGES ON `wp_site`.* TO `u`@`%`",
        "GRANT SELECT, DELETE, UPDATE (`x`) ON `wp_site`.`wp_posts` TO `u`@`%`",
        "GRANT SELECT ON `wp_site`.`wp_links` TO `u`@`%`",
        "GRANT DELETE ON `wp_site`.`wp_posts` TO PUBLIC",
    ];
    assert_eq!(
        grants(&rows).excess("wp_site", &needs),
        [
            "SELECT, INSERT, UPDATE, DELETE and 3 more on *.*",
            "ALL PRIVILEGES on `wp_site`.*",
            "DELETE on `wp_site`.`wp_posts`",
            "SELECT on `wp_site`.`wp_links`",
        ]
    );
}

#[test]
fn the_minimal_account_is_written_for_any_database() {
    let needs = [Need { table: "wp_users".to_owned(), privileges: &[Privilege::Select, Privilege::Insert] }];
    assert_eq!(
        minimal_account("my`wp_site", "10.0.0.%", &needs),
        [
            "CREATE USER 'wp_sidecar'@'10.0.0.%' IDENTIFIED BY 'a password of your own';",
            "GRANT SELECT, INSERT ON `my``wp_site`.`wp_users` TO 'wp_sidecar'@'10.0.0.%';",
        ]
    );
}

#[test]
fn a_pattern_of_many_wildcards_takes_no_time() {
    let pattern = "%a".repeat(200);
    assert!(!statement::fits(&pattern, &"a".repeat(199)));
    assert!(statement::fits(&pattern, &"ab".repeat(500).replace('b', "a")));
}

proptest::proptest! {
    #[test]
    fn any_row_can_be_read(row in "(GRANT|REVOKE)?[ -~`\"'é\n]{0,80}") {
        let found = grants(&[&row]);
        let _ = found.allow("wp_site", "wp_users", Privilege::Select);
        let _ = found.excess("wp_site", &[]);
    }
}

#[test]
fn a_read_only_server_takes_the_writes_of_administrators() {
    let of = |version: &str| ServerFacts { version: version.to_owned(), is_read_only: true, ..server() };
    let super_alone = "GRANT SUPER ON *.* TO `u`@`%`";
    for (row, version, wanted) in [
        ("GRANT ALL PRIVILEGES ON *.* TO `u`@`%` WITH GRANT OPTION", "10.11.6-MariaDB", true),
        ("GRANT READ_ONLY ADMIN ON *.* TO `u`@`%`", "11.4.2-MariaDB", true),
        (super_alone, "10.6.12-MariaDB", true),
        (super_alone, "10.11.6-MariaDB", false),
        (super_alone, "8.0.36", true),
        ("GRANT CONNECTION_ADMIN,BACKUP_ADMIN ON *.* TO `u`@`%`", "9.7.0", true),
        ("GRANT ALL PRIVILEGES ON `wp_site`.* TO `u`@`%`", "10.11.6-MariaDB", false),
        ("GRANT SELECT, INSERT ON *.* TO `u`@`%`", "8.0.36", false),
    ] {
        let found = grants(&[row]);
        assert_eq!(found.write_in_spite_of_read_only(&of(version)), wanted, "{row} {version}");
        let strict = ServerFacts { refuses_all_writes: true, ..of(version) };
        assert!(!found.write_in_spite_of_read_only(&strict), "{row} {version}");
    }
}

//! Passwords held against what WordPress printed, and the work of each outcome counted.

use super::*;
use proptest::prelude::*;
use serde_json::Value;

const V61: WpVersion = WpVersion::new(6, 1);
const V68: WpVersion = WpVersion::new(6, 8);
const V71: WpVersion = WpVersion::new(7, 1);

/// The cheapest reference, so that tests spend their time on the hashes they are about.
fn cheap() -> Reference {
    Reference::new(4)
}

fn matches(password: &[u8], stored: &str, version: WpVersion) -> bool {
    check_slashed(password, Some(stored.as_bytes()), version, cheap()).matches
}

fn vectors() -> [(WpVersion, Value); 3] {
    [
        (V61, include_str!("../../../fixtures/vectors/wordpress-6.1.12.json")),
        (V68, include_str!("../../../fixtures/vectors/wordpress-6.8.8.json")),
        (V71, include_str!("../../../fixtures/vectors/wordpress-7.1.0.json")),
    ]
    .map(|(version, text)| (version, serde_json::from_str(text).unwrap()))
}

#[test]
fn hashes_of_wordpress_are_checked_as_wordpress_checks_them() {
    for (version, vectors) in vectors() {
        let cases = vectors["password"].as_array().unwrap();
        assert_eq!(cases.len(), 16);
        for case in cases {
            let password = case["password"].as_str().unwrap();
            let hash = |kind: &str| case["hashes"][kind].as_str().unwrap();
            let expected = |kind: &str| case["check"][kind].as_bool().unwrap();
            for kind in ["current", "phpass", "md5", "bcrypt"] {
                assert_eq!(
                    matches(password.as_bytes(), hash(kind), version),
                    expected(kind),
                    "{version} {kind} {password}"
                );
                if let Some(rehash) = case["needs_rehash"][kind].as_bool() {
                    assert_eq!(needs_rehash(hash(kind).as_bytes(), version), rehash, "{version} {kind}");
                }
            }
            let spaced = format!("{password} ");
            assert_eq!(
                matches(spaced.as_bytes(), hash("current"), version),
                expected("current_untrimmed_extra_space")
            );
            let wrong = format!("{password}x");
            assert_eq!(matches(wrong.as_bytes(), hash("current"), version), expected("wrong"));
        }
    }
}

#[test]
fn a_login_trims_and_so_finds_hashes_that_the_bare_check_does_not() {
    for (version, vectors) in vectors() {
        let spaced = &vectors["password"][4];
        assert_eq!(spaced["password"], "  spaced  ");
        let stored = |kind: &str| spaced["hashes"][kind].as_str().unwrap().as_bytes();
        let login = |kind| check(b"\t spaced \n", Some(stored(kind)), version, cheap()).matches;
        assert!(login("current") && login("phpass"));
        // These were made of the untrimmed password.
        assert!(!login("md5") && !login("bcrypt"));
    }
}

#[test]
fn unusable_hashes_fit_no_password() {
    for (version, vectors) in vectors() {
        for case in vectors["password_bad_hash"].as_array().unwrap() {
            let stored = case["hash"].as_str().unwrap();
            for (password, output) in [("password", "output"), ("password2", "output2")] {
                let answer = matches(case[password].as_str().unwrap().as_bytes(), stored, version);
                assert_eq!(Value::from(answer), case[output], "{version} {stored}");
            }
        }
    }
}

#[test]
fn passwords_over_4096_bytes_are_neither_hashed_nor_checked() {
    for (version, vectors) in vectors() {
        let case = &vectors["password_too_long"];
        let length = usize::try_from(case["length"].as_u64().unwrap()).unwrap();
        let password = vec![b'a'; length];
        assert_eq!(hash(&password, version, 4, [1; 16]), case["hash"].as_str().unwrap());
        let stored = phpass::hash(&password, b"random");
        let checked = check_slashed(&password, Some(stored.as_bytes()), version, cheap());
        assert_eq!(Value::from(checked.matches), case["check_against_phpass"]);
        assert_eq!((checked.refusal, checked.work), (Some(Refusal::TooLong), HashWork::default()));
        assert_ne!(hash(&password[1..], version, 4, [1; 16]), "*");
        // Only MD5 takes any length.
        let md5 = keyed::md5_hex(&password);
        assert!(matches(&password, &md5, version));
    }
}

#[test]
fn odd_passwords_and_hashes_are_checked_as_wordpress_checks_them() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../fixtures/vectors/fuzzed-6.8.8.json")).unwrap();
    let cases = vectors["wp_check_password"].as_array().unwrap();
    assert_eq!(cases.len(), 60);
    let mut unsupported = 0;
    for case in cases {
        let password = case["password"].as_str().map_or_else(
            || STANDARD.decode(case["password_base64"].as_str().unwrap()).unwrap(),
            |text| text.as_bytes().to_vec(),
        );
        let checked = check_slashed(&password, Some(case["hash"].as_str().unwrap().as_bytes()), V68, cheap());
        if checked.kind == Some(HashKind::Crypt) {
            unsupported += 1;
            assert_eq!((checked.matches, checked.refusal), (false, Some(Refusal::Unsupported)));
        } else {
            assert_eq!(Value::from(checked.matches), case["output"], "{case}");
        }
    }
    assert_eq!(unsupported, 10, "only crypt hashes may be left out");
}

#[test]
fn every_failure_does_the_work_of_one_full_hash() {
    let full = HashWork { bcrypt_rounds: 32, ..HashWork::default() };
    let old_full = HashWork { phpass_rounds: 8192, ..HashWork::default() };
    let wp = |cost| hash(b"right", V68, cost, [1; 16]);
    let md5 = keyed::md5_hex(b"right");
    let portable = phpass::hash(b"right", b"random");
    let work = |stored: Option<&str>, version| {
        let checked = check(b"wrong", stored.map(str::as_bytes), version, Reference::new(5));
        assert!(!checked.matches);
        checked.work
    };
    for same in
        [None, Some("*"), Some(""), Some(&*md5), Some("$wp$2y$10$short"), Some(&*wp(4)), Some(&*wp(5))]
    {
        assert_eq!(work(same, V68), full, "{same:?}");
    }
    let crypt = format!("$6$saltsalt${}", "x".repeat(80));
    let dear = portable.replace("$P$B", "$P$S");
    let argon2 = "$argon2id$v=19$m=4294967295,t=4,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNo";
    for refused in [&*crypt, &*dear, argon2, &*wp(5).replace("$wp$2y$05$", "$wp$2y$31$")] {
        assert_eq!(work(Some(refused), V68), full, "{refused}");
    }
    assert_eq!(work(Some(&portable), V68), HashWork { phpass_rounds: 8192, ..full });
    assert_eq!(work(Some(&wp(6)), V68).bcrypt_rounds, 64, "a dearer hash cannot be hidden");

    let cheaper = "$P$5hO6dakHlLYWbcEw8wS5AIs9P36Api0";
    for same in [None, Some("*"), Some(&*md5), Some(&*portable), Some(cheaper), Some(&*wp(5)), Some(&*crypt)]
    {
        assert_eq!(work(same, V61), old_full, "{same:?}");
    }
}

#[test]
fn a_success_costs_only_its_own_hash() {
    let work = |stored: &str, version| {
        let checked = check(b"right", Some(stored.as_bytes()), version, Reference::new(5));
        assert!(checked.matches, "{stored}");
        (checked.work.bcrypt_rounds, checked.work.phpass_rounds)
    };
    let portable = phpass::hash(b"right", b"random");
    assert_eq!(work(&keyed::md5_hex(b"right"), V68), (0, 0));
    assert_eq!(work(&portable, V68), (0, 8192));
    assert_eq!(work(&portable, V61), (0, 8192));
    assert_eq!(work(&hash(b"right", V68, 4, [1; 16]), V68), (16, 0));
}

#[test]
fn hashes_that_ask_for_too_much_are_refused_and_named() {
    let refusal = |stored: &str| check(b"x", Some(stored.as_bytes()), V68, cheap()).refusal;
    assert_eq!(refusal("$P$S12345678aaaaaaaaaaaaaaaaaaaaaa"), Some(Refusal::TooCostly));
    assert_eq!(refusal(&format!("$2y$31${}", "a".repeat(53))), Some(Refusal::TooCostly));
    assert_eq!(refusal("$argon2i$v=19$m=64,t=17,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNo"), Some(Refusal::TooCostly));
    assert_eq!(refusal("*"), None);
}

#[test]
fn empty_passwords_never_log_in() {
    for password in [&b""[..], b"0", b"  ", b" 0\n"] {
        for version in [V61, V68] {
            let stored = keyed::md5_hex(php_text::trim(password));
            let checked = check(password, Some(stored.as_bytes()), version, cheap());
            assert_eq!((checked.matches, checked.refusal), (false, Some(Refusal::Empty)));
        }
    }
}

#[test]
fn the_slashed_password_is_what_counts() {
    let slashed = br#"it\'s \"\\\" \0"#;
    for version in [V61, V68] {
        let stored = hash(b"it's \"\\\" \0", version, 4, [3; 16]);
        assert!(matches(slashed, &stored, version));
        assert!(check(b" it's \"\\\" \0", Some(stored.as_bytes()), version, cheap()).matches);
        let unslashed = keyed::md5_hex(b"it's");
        assert!(!check(b"it's", Some(unslashed.as_bytes()), version, cheap()).matches);
    }
}

#[test]
fn new_hashes_have_the_form_of_their_version() {
    let (old, new) = (hash(b" pass ", V61, 5, [2; 16]), hash(b" pass ", V68, 5, [2; 16]));
    assert!(old.starts_with("$P$B") && old.len() == 34, "{old}");
    assert!(new.starts_with("$wp$2y$05$") && new.len() == 63, "{new}");
    assert_eq!(bcrypt_cost(new.as_bytes()), Some(5));
    assert_eq!(bcrypt_cost(old.as_bytes()), None);
    // Old hashes are read by new code, not the other way round.
    assert!(matches(b"pass", &old, V61) && matches(b"pass", &old, V68) && matches(b"pass", &new, V68));
    assert!(!matches(b"pass", &new, V61));
    assert!(needs_rehash(old.as_bytes(), V68) && !needs_rehash(new.as_bytes(), V68));
    assert!(!needs_rehash(old.as_bytes(), V61) && needs_rehash(keyed::md5_hex(b"pass").as_bytes(), V61));
}

#[test]
fn phpbb_hashes_are_accepted_only_before_6_8() {
    let stored = phpass::hash(b"pass", b"random").replace("$P$", "$H$");
    assert!(matches(b"pass", &stored, V61));
    assert!(!matches(b"pass", &stored, V68));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_can_stand_in_the_column(
        // Costs are kept out of the tail so that no case takes seconds.
        start in prop::sample::select(vec!["", "$wp", "$wp$2y$04$", "$P$5", "$H$5", "$2y$04$", "$argon2id$v=19$m=8,t=1,p=1$", "$1$", "$6$", "*"]),
        tail in proptest::collection::vec(any::<u8>(), 0..80),
        password in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let stored = [start.as_bytes(), &tail].concat();
        for version in [V61, V68] {
            prop_assert!(!check(&password, Some(&stored), version, cheap()).matches);
            let _ = (needs_rehash(&stored, version), bcrypt_cost(&stored));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_new_hash_fits_its_password_and_no_other(password in proptest::collection::vec(any::<u8>(), 1..60), random in any::<[u8; 16]>()) {
        prop_assume!(!matches!(php_text::trim(&password), b"" | b"0"));
        for version in [V61, V68] {
            let stored = hash(&password, version, 4, random);
            prop_assert!(check(&password, Some(stored.as_bytes()), version, cheap()).matches);
            let other = [&b"x"[..], &password].concat();
            prop_assert!(!check(&other, Some(stored.as_bytes()), version, cheap()).matches);
        }
    }
}

//! Unit tests, a form each; hostile and damaged files are in `tests/hostile.rs`. The differential tests against PHP are in `tests/wp_config.rs`.

use std::fs;
use std::path::Path;

use super::*;

mod hostile;

fn environment(name: &str) -> Option<String> {
    let value = match name {
        "NAME" => "from the environment",
        "EMPTY" => "",
        "SECRET_FILE" => "/no/such/file",
        _ => return None,
    };
    Some(value.to_owned())
}

fn read(text: &str) -> WpConfig {
    parse(format!("<?php\n{text}").as_bytes())
}

fn parse(text: &[u8]) -> WpConfig {
    WpConfig::parse(Path::new("/site/wp-config.php"), Path::new("/site"), text, &environment)
}

fn string(text: &str, name: &str) -> String {
    read(text).string(name).expect("it can be told").expect("it is defined")
}

fn reason(text: &str, name: &str) -> String {
    read(text).constant(name).expect_err("it cannot be told").to_string()
}

#[test]
fn the_first_define_wins() {
    let text = "define('A', 'one'); define('A', 'two'); const A = 'three';";
    assert_eq!(string(text, "A"), "one");
}

#[test]
fn define_is_known_in_any_case_and_with_its_third_argument() {
    assert_eq!(string("DEFINE('A', 'x', true);", "A"), "x");
    assert_eq!(string("\\Define(\"A\", 'x');", "A"), "x");
}

#[test]
fn a_constant_knows_its_file_and_line() {
    let config = read("\n\ndefine('A',\n 1);");
    let constant = config.constant("A").expect("known").expect("defined");
    assert_eq!((constant.file.as_path(), constant.line), (Path::new("/site/wp-config.php"), 4));
}

#[test]
fn abspath_is_defined_before_the_file_is_read() {
    assert_eq!(string("", "ABSPATH"), "/site/");
    assert_eq!(string("define('ABSPATH', '/else/');", "ABSPATH"), "/site/");
}

#[test]
fn values_convert_as_in_php() {
    let config = read(
        "define('T', true); define('F', false); define('N', null); define('Z', '0'); define('I', '12abc');",
    );
    assert_eq!(config.string("T"), Ok(Some("1".to_owned())));
    assert_eq!(config.string("F"), Ok(Some(String::new())));
    assert_eq!(config.string("N"), Ok(Some(String::new())));
    assert_eq!(config.truthy("Z"), Ok(Some(false)));
    assert_eq!(config.int("I"), Ok(Some(12)));
    assert_eq!(config.truthy("NONE"), Ok(None));
}

#[test]
fn bytes_that_are_no_text_are_kept_and_refused_as_text() {
    let config = read("define('A', \"\\xff\");");
    assert_eq!(config.bytes("A"), Ok(Some(vec![0xff])));
    let message = config.string("A").expect_err("no UTF-8").to_string();
    assert_eq!(message, "A cannot be told from /site/wp-config.php line 2: it is no UTF-8 text");
}

#[test]
fn the_prefix_is_the_last_one_set() {
    assert_eq!(read("$table_prefix = 'a_'; $table_prefix = 'b_';").table_prefix(), Ok(Some("b_".to_owned())));
    assert_eq!(read("").table_prefix(), Ok(None));
    assert_eq!(read("$GLOBALS['table_prefix'] = 'g_';").table_prefix(), Ok(Some("g_".to_owned())));
    let unresolved = read("$table_prefix = unheard_of();").table_prefix().expect_err("unknown");
    assert_eq!(unresolved.name, "$table_prefix");
}

#[test]
fn nothing_behind_wp_settings_is_read() {
    let config = read("require_once ABSPATH . 'wp-settings.php'; define('A', 1);");
    assert_eq!(config.names().collect::<Vec<_>>(), ["ABSPATH"]);
    assert!(config.problems().is_empty());
    assert_eq!(read("require $unknown . '/wp-settings.php'; define('A', 1);").int("A"), Ok(None));
}

#[test]
fn odd_arguments_are_taken_as_php_takes_them() {
    let config = read(
        "$x = '12'; define('A', isset($x[null])); define('B', $x[' 1']); define('C', isset($x['1x'])); \
         define('D', getenv(null)); define('E', define('Null', 1)); define('F', isset($x['2']));",
    );
    assert_eq!(config.truthy("A"), Ok(Some(true)));
    assert_eq!(config.string("B"), Ok(Some("2".to_owned())));
    assert_eq!(config.truthy("C"), Ok(Some(false)));
    assert!(config.constant("D").is_err());
    assert_eq!(config.truthy("E"), Ok(Some(false)));
    assert_eq!(config.truthy("F"), Ok(Some(false)));
}

#[test]
fn a_loop_by_reference_changes_its_array() {
    let config = read(
        "$a = ['x' => 1]; foreach ($a as $k => &$v) { $v = 2; } define('A', $a['x']); define('V', $v); \
         $v = 3; define('W', $v); define('K', 1);",
    );
    assert!(config.constant("A").is_err());
    assert!(config.constant("V").is_err());
    assert!(config.constant("W").is_err());
    assert_eq!(config.int("K"), Ok(Some(1)));
}

#[test]
fn what_waits_for_wordpress_to_return_changes_nothing() {
    let start = "$table_prefix = 'a_'; function start() { require ABSPATH . 'wp-settings.php'; }";
    assert_eq!(read(&format!("{start} $table_prefix = start();")).table_prefix(), Ok(Some("a_".to_owned())));
    assert_eq!(read(&format!("{start} define('A', start());")).int("A"), Ok(None));
    let ended = "function end() { exit; } $table_prefix = end(); define('A', end());";
    assert!(read(ended).table_prefix().is_err());
    assert!(read(ended).int("A").is_err());
}

#[test]
fn an_unknown_call_leaves_its_constant_unresolved_with_the_place() {
    let text = "define('A', 1);\ndefine('B', unheard_of('hidden'));";
    assert_eq!(
        reason(text, "B"),
        "B cannot be told from /site/wp-config.php line 3: it calls unheard_of(), which is not evaluated"
    );
    assert_eq!(read(text).int("A"), Ok(Some(1)));
    assert_eq!(read(text).int("C"), Ok(None));
}

#[test]
fn a_reason_travels_with_what_uses_the_value() {
    let text = "$x = unheard_of();\ndefine('A', $x . 'b'); define('B', A);";
    assert!(reason(text, "A").ends_with("line 3: it calls unheard_of(), which is not evaluated (line 2)"));
    assert!(reason(text, "B").contains("uses the constant A, which calls unheard_of()"));
}

#[test]
fn an_unknown_condition_leaves_both_branches_unresolved() {
    let text = "define('A', 1); if ($_SERVER['HTTP_HOST'] === 'x') { define('A', 2); define('B', 1); $table_prefix = 'x_'; } \
        else { define('C', 1); }";
    let config = read(text);
    assert_eq!(config.int("A"), Ok(Some(1)));
    assert!(config.int("B").is_err() && config.int("C").is_err() && config.table_prefix().is_err());
    assert!(reason(text, "B").contains("under a condition that cannot be evaluated, which reads HTTP_HOST"));
}

#[test]
fn what_may_have_been_defined_stays_unresolved_when_defined_again() {
    let text = "if (unheard_of()) define('A', 1); define('A', 2); defined('A') || define('A', 3);";
    assert!(read(text).int("A").is_err());
}

#[test]
fn a_choice_that_makes_no_difference_is_known() {
    assert_eq!(string("define('A', unheard_of() ? 'x' : 'x');", "A"), "x");
    assert_eq!(read("define('A', unheard_of() && false);").truthy("A"), Ok(Some(false)));
}

#[test]
fn breaking_out_of_an_unknown_switch_leaves_the_rest_known() {
    let text = "switch ($_SERVER['HTTP_HOST']) { case 'a': define('A', 1); break; default: define('A', 2); } define('B', 3);";
    let config = read(text);
    assert!(config.int("A").is_err());
    assert_eq!(config.int("B"), Ok(Some(3)));
}

#[test]
fn returning_under_an_unknown_condition_puts_the_rest_in_doubt() {
    let config = read("define('A', 1); if (unheard_of()) { return; } define('B', 2);");
    assert_eq!(config.int("A"), Ok(Some(1)));
    assert!(config.int("B").is_err());
}

#[test]
fn dying_under_an_unknown_condition_is_passed_by() {
    assert_eq!(read("if (unheard_of()) { die('no'); } define('A', 2);").int("A"), Ok(Some(2)));
}

#[test]
fn dying_for_sure_puts_everything_behind_in_doubt() {
    let config = read("define('A', 1); exit; define('B', 2);");
    assert_eq!(config.int("A"), Ok(Some(1)));
    assert!(config.int("B").is_err());
    assert_eq!(config.problems().len(), 1);
}

#[test]
fn a_constant_with_an_unknown_name_may_be_any() {
    let config = read("define('A', 1); define(unheard_of(), 2); define('B', 3);");
    assert_eq!(config.int("A"), Ok(Some(1)));
    assert!(config.int("B").is_err() && config.int("C").is_err());
    assert!(config.problems()[0].to_string().contains("a constant whose name is not known"));
}

#[test]
fn a_loop_that_is_not_run_is_looked_through_twice() {
    let config = read("define('A', 1); $i = 0; while ($i < 2) { define('X' . $i, 1); $i++; }");
    assert_eq!(config.int("A"), Ok(Some(1)));
    assert!(config.int("X0").is_err() && config.int("X1").is_err());
}

#[test]
fn code_in_functions_without_name_is_looked_through() {
    let config =
        read("(function () { define('A', 1); })(); add_action('x', fn() => define('B', 1)); define('C', 1);");
    assert!(config.int("A").is_err() && config.int("B").is_err());
    assert_eq!(config.int("C"), Ok(Some(1)));
}

#[test]
fn a_library_that_may_load_a_file_of_variables_puts_the_environment_in_doubt() {
    let text = "define('A', getenv('NAME')); Dotenv\\Dotenv::createImmutable(__DIR__)->load(); define('B', getenv('NAME'));";
    let config = read(text);
    assert_eq!(config.string("A"), Ok(Some("from the environment".to_owned())));
    assert!(config.string("B").is_err());
}

#[test]
fn a_statement_that_is_no_php_spoils_only_what_it_names() {
    let text = "define('A', 1);\ndefine('B' 'x');\n$table_prefix == = 'x';\ndefine('C', 3);";
    let config = read(text);
    assert_eq!((config.int("A"), config.int("C")), (Ok(Some(1)), Ok(Some(3))));
    assert!(config.int("B").is_err());
    assert!(config.table_prefix().is_err());
    assert_eq!(config.problems().len(), 2);
}

#[test]
fn a_string_that_is_not_closed_spoils_all_behind_it() {
    let config = read("define('A', 1);\ndefine('B', 'x);\ndefine('C', 'y');\n");
    assert_eq!(config.int("A"), Ok(Some(1)));
    assert!(config.string("B").is_err() && config.string("C").is_err() && config.string("D").is_err());
}

#[test]
fn a_missing_file_that_is_required_puts_the_rest_in_doubt() {
    assert!(read("require '/no/such.php'; define('A', 1);").int("A").is_err());
    assert_eq!(read("@include '/no/such.php'; define('A', 1);").int("A"), Ok(Some(1)));
    assert!(read("require $_SERVER['DOCUMENT_ROOT'] . '/x.php'; define('A', 1);").int("A").is_err());
    assert!(read("include 'http://host/x.php'; define('A', 1);").int("A").is_err());
}

#[test]
fn an_included_file_defines_and_returns() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("one.php"), "<?php\ndefine('A', __FILE__); return ['k' => 'v'];")
        .expect("written");
    let path = folder.path().join("wp-config.php");
    let text = b"<?php $s = require_once __DIR__ . '/one.php'; require_once 'one.php'; define('B', $s['k']);";
    let config = WpConfig::parse(&path, folder.path(), text, &environment);
    let one = folder.path().join("one.php");
    assert_eq!(config.string("A"), Ok(one.to_str().map(str::to_owned)));
    assert_eq!(config.string("B"), Ok(Some("v".to_owned())));
    assert_eq!(config.constant("A").expect("known").expect("defined").file, one);
}

#[test]
fn a_file_that_includes_itself_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wp-config.php");
    fs::write(&path, "<?php include __FILE__; include __FILE__; define('A', 1);").expect("written");
    assert!(WpConfig::find(folder.path(), &environment).expect("found").int("A").is_err());
}

#[test]
fn dockers_helper_is_known_without_its_definition() {
    assert_eq!(string("define('A', getenv_docker('NAME', 'x'));", "A"), "from the environment");
    assert_eq!(string("define('A', getenv_docker('EMPTY', 'x'));", "A"), "");
    assert_eq!(string("define('A', getenv_docker('NONE', 'x'));", "A"), "x");
    let message = reason("define('A', getenv_docker('SECRET', 'x'));", "A");
    assert!(
        message.contains("the file named by SECRET_FILE") && !message.contains("/no/such/file"),
        "{message}"
    );
}

#[test]
fn the_configuration_is_found_in_the_folder_or_one_above() {
    let folder = tempfile::tempdir().expect("a folder");
    let site = folder.path().join("wp");
    fs::create_dir(&site).expect("created");
    assert!(matches!(WpConfig::find(&site, &environment), Err(WpConfigError::NotFound(_))));
    fs::write(folder.path().join("wp-config.php"), "<?php define('A', 'above');").expect("written");
    assert_eq!(WpConfig::find(&site, &environment).expect("found").string("A"), Ok(Some("above".to_owned())));
    fs::write(folder.path().join("wp-settings.php"), "").expect("written");
    assert!(matches!(WpConfig::find(&site, &environment), Err(WpConfigError::NotFound(_))));
    fs::write(site.join("wp-config.php"), "<?php define('A', 'here');").expect("written");
    assert_eq!(WpConfig::find(&site, &environment).expect("found").string("A"), Ok(Some("here".to_owned())));
}

#[test]
fn no_value_is_in_any_debug_print_or_message() {
    let text = "$p = 'hunter2'; define('A', 'hunter2'); define('B', unheard_of('hunter2')); define('C', ['hunter2' => $p][0]);\
        define('D', constant('hunter2')); define('E', -'hunter2'); $table_prefix = $x['hunter2' . 1];";
    let config = read(text);
    let mut shown = format!("{config:?} {:?} {:?}", config.constant("A"), config.table_prefix());
    shown.extend(config.unresolved().map(ToString::to_string));
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("\"A\"") && config.unresolved().count() == 4, "{shown}");
}

#[test]
fn a_message_is_one_line() {
    let message = reason("define(\"A\\nB\", unheard_of());", "A\nB");
    assert!(!message.contains('\n'));
}

#[test]
fn text_without_an_opening_tag_defines_nothing() {
    let config = parse(b"define('A', 1);");
    assert_eq!(config.int("A"), Ok(None));
}

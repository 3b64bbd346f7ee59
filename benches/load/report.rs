//! `docs/performance.md`: prose that people write, and between marks the tables of the last measurement.

use std::fs;

use crate::stage::project;

/// The page.
const PAGE: &str = "docs/performance.md";

/// Prints a measured part, and puts it into the page when that is to be written.
pub fn give(part: &str, text: &str, write: bool) {
    println!("## {part}\n\n{text}");
    if !write {
        return;
    }
    let path = project(PAGE);
    let page = fs::read_to_string(&path).expect("the page");
    let page = with_part(&page, part, text).unwrap_or_else(|| panic!("{PAGE} has no place for {part}"));
    fs::write(&path, page).expect("a writable page");
}

fn with_part(page: &str, part: &str, text: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- {part} -->\n"), format!("<!-- end of {part} -->"));
    let (before, rest) = page.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n{}\n\n{end}{after}", text.trim()))
}

/// Processors, memory and programs of this machine, without its name.
pub fn machine(server: &str) -> String {
    let first = |path: &str, start: &str| {
        let text = fs::read_to_string(path).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(start)).unwrap_or_default();
        line.trim_start_matches([' ', '\t', ':', '=']).trim_matches('"').to_owned()
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{cores} processors ({}), {} of memory, {}; database server {server}.",
        first("/proc/cpuinfo", "model name"),
        first("/proc/meminfo", "MemTotal:"),
        first("/etc/os-release", "PRETTY_NAME"),
    )
}

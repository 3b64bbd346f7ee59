//! The pages for people: what they point at is there, and the commands they name exist. What they say of settings,
//! endpoints, figures and statements is held to the code where that is tested.

#![allow(clippy::expect_used, clippy::panic, reason = "a failure here is a failed test, in helpers too")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// A page, with what the tests look at.
struct Page {
    path: PathBuf,
    links: Vec<String>,
    anchors: BTreeSet<String>,
    code: Vec<String>,
}

impl Page {
    fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).expect("a page is text");
        let (mut links, mut anchors, mut code) = (Vec::new(), BTreeSet::new(), Vec::new());
        let (mut heading, mut in_block) = (None::<String>, false);
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    links.push(dest_url.to_string());
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    let title = heading.take().expect("it has begun");
                    assert!(anchors.insert(anchor(&title)), "{}: {title} stands twice", path.display());
                }
                Event::Start(Tag::CodeBlock(_)) => in_block = true,
                Event::End(TagEnd::CodeBlock) => in_block = false,
                Event::Code(text) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&text);
                    }
                    code.push(text.to_string());
                }
                Event::Text(text) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&text);
                    }
                    if in_block {
                        code.push(text.to_string());
                    }
                }
                _ => {}
            }
        }
        Self { path, links, anchors, code }
    }
}

/// As the usual viewers make it.
fn anchor(title: &str) -> String {
    let kept = title.to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pages() -> Vec<Page> {
    let mut folders = vec![root().join("docs")];
    let mut files = markdown(root());
    while let Some(folder) = folders.pop() {
        files.extend(markdown(&folder));
        let entries = fs::read_dir(&folder).expect("a folder can be listed");
        folders.extend(entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()));
    }
    assert!(files.len() > 10, "the pages are found: {files:?}");
    files.into_iter().map(Page::read).collect()
}

fn markdown(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder can be listed");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect()
}

#[test]
fn every_link_to_the_project_leads_to_a_file_and_a_heading() {
    let pages = pages();
    let mut broken = Vec::new();
    for page in &pages {
        for link in page.links.iter().filter(|link| !link.contains("://")) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let folder = page.path.parent().expect("a page lies in a folder");
            let target = if file.is_empty() { page.path.clone() } else { folder.join(file) };
            let there = fs::canonicalize(&target).is_ok_and(|target| {
                let same = |page: &&Page| fs::canonicalize(&page.path).is_ok_and(|path| path == target);
                heading.is_empty()
                    || pages.iter().find(same).is_some_and(|page| page.anchors.contains(heading))
            });
            if !there {
                broken.push(format!("{}: {link}", page.path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_command_that_a_page_names_exists() {
    let mut unknown = Vec::new();
    let mut known = BTreeSet::new();
    for page in pages() {
        for line in page.code.iter().flat_map(|code| code.lines()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            for pair in words.windows(2) {
                let [program, command] = pair else { continue };
                let is_program = *program == "wp-sidecar" || program.ends_with("/wp-sidecar");
                let is_command = command.chars().all(|c| c.is_ascii_lowercase() || c == '-');
                if is_program && is_command && !command.starts_with('-') && !known.contains(*command) {
                    if exists(command) {
                        known.insert((*command).to_owned());
                    } else {
                        unknown.push(format!("{}: {line}", page.path.display()));
                    }
                }
            }
        }
    }
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
    assert!(known.contains("serve") && known.contains("check"), "{known:?}");
}

fn exists(command: &str) -> bool {
    let program = env!("CARGO_BIN_EXE_wp-sidecar");
    let output = Command::new(program).args(["help", command]).output().expect("the program runs");
    output.status.success()
}

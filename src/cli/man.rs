//! `wp-sidecar man`: the manual, one page a command. Needs no settings.
//!
//! What a command takes comes from the command line's own definition; what only people know is in `notes`.

mod notes;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::builder::Resettable;
use clap::{Args, Command, CommandFactory as _, ValueHint};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, italic, roman};

use notes::{Notes, notes_on};

#[derive(Debug, Args)]
pub struct Arguments {
    /// Write the pages of all commands into this folder instead of printing the main one.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: Option<PathBuf>,
}

/// Prints the main page, or writes all of them.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    // `help` needs no page of its own.
    let mut whole = super::Arguments::command().disable_help_subcommand(true);
    whole.build();
    let names = page_names(&whole);
    match &arguments.dir {
        Some(dir) => {
            fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
            write_all(&whole, &names, dir)
        }
        None => Ok(std::io::stdout().write_all(&page(&whole, &names)?)?),
    }
}

/// The pages of a command and of all below it.
fn write_all(command: &Command, names: &[String], dir: &Path) -> anyhow::Result<()> {
    let path = dir.join(format!("{}.1", page_name(command)));
    fs::write(&path, page(command, names)?).with_context(|| path.display().to_string())?;
    command.get_subcommands().try_for_each(|below| write_all(below, names, dir))
}

/// `wp-sidecar-cookie-inspect`
fn page_name(command: &Command) -> String {
    command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned()
}

fn page_names(command: &Command) -> Vec<String> {
    let below = command.get_subcommands().flat_map(page_names);
    std::iter::once(page_name(command)).chain(below).collect()
}

fn page(command: &Command, names: &[String]) -> anyhow::Result<Vec<u8>> {
    let name = page_name(command);
    // The version stands at the foot; a section of its own would part the options from the exit status.
    let shown = command.clone().version(Resettable::Reset).subcommand_help_heading("COMMANDS");
    let man = Man::new(shown.subcommand_value_name("command"))
        .title(name.to_uppercase())
        // No date: the same source gives the same page. In quotes, or the next argument would take its place.
        .date("\"\"")
        .source(concat!("wp-sidecar ", env!("CARGO_PKG_VERSION")))
        .manual("wp-sidecar");
    let mut page = Vec::new();
    man.render(&mut page)?;
    let mut more = Roff::new();
    // Names of pages, variables and files stay whole.
    more.control("nh", []).control("ad", ["l"]);
    if let Some(notes) = notes_on(&name) {
        add(&mut more, notes);
    }
    see_also(&mut more, &name, names);
    page.extend(more.to_roff().into_bytes());
    Ok(page)
}

fn add(page: &mut Roff, notes: &Notes) {
    let blocks =
        [("EXIT STATUS", notes.exit_status), ("ENVIRONMENT", notes.environment), ("FILES", notes.files)];
    for (title, entries) in blocks.into_iter().filter(|(_, entries)| !entries.is_empty()) {
        page.control("SH", [title]);
        for (term, text) in entries {
            page.control("TP", []).text([bold(*term)]).text([roman(*text)]);
        }
    }
    if notes.examples.is_empty() {
        return;
    }
    page.control("SH", ["EXAMPLES"]);
    for (number, (text, lines)) in notes.examples.iter().enumerate() {
        if number > 0 {
            page.control("PP", []);
        }
        page.text([roman(*text)]);
        page.control("PP", []).control("RS", ["4"]).control("nf", []);
        for line in lines.lines() {
            page.text([bold(line)]);
        }
        page.control("fi", []).control("RE", []);
    }
}

/// The other pages, and where the rest is written.
fn see_also(page: &mut Roff, name: &str, names: &[String]) {
    page.control("SH", ["SEE ALSO"]);
    let mut others = names.iter().filter(|other| *other != name).peekable();
    while let Some(other) = others.next() {
        let end = if others.peek().is_some() { "," } else { "" };
        page.text([bold(other), roman(format!("(1){end}"))]);
    }
    page.control("PP", []).text([
        roman("All settings, and what the service does when something fails: the folder "),
        italic("docs"),
        roman(" of the source, "),
        italic("/usr/share/doc/wp-sidecar"),
        roman(" of the Debian package."),
    ]);
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli;

    fn names() -> Vec<String> {
        let mut whole = cli::Arguments::command().disable_help_subcommand(true);
        whole.build();
        page_names(&whole)
    }

    #[test]
    fn every_command_has_notes_and_every_note_a_command() {
        let mut noted: Vec<String> = notes::NOTES.iter().map(|notes| notes.page.to_owned()).collect();
        let mut names = names();
        noted.sort();
        names.sort();
        assert_eq!(noted, names, "src/cli/man/notes.rs has one entry a command");
    }

    #[test]
    fn every_example_is_a_command_line_that_is_understood() {
        let mut understood = 0;
        for (_, lines) in notes::NOTES.iter().flat_map(|notes| notes.examples) {
            for call in lines.lines().flat_map(|line| line.split(" | ")) {
                let words: Vec<&str> = call.split(' ').skip_while(|word| word.contains('=')).collect();
                if words.first() != Some(&"wp-sidecar") {
                    continue;
                }
                let words = words.into_iter().take_while(|word| !matches!(*word, ">" | "<"));
                if let Err(error) = cli::Arguments::try_parse_from(words) {
                    panic!("{call}: {error}")
                }
                understood += 1;
            }
        }
        assert!(understood > 10, "only {understood}");
    }
}

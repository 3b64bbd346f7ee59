//! One row of `SHOW GRANTS`: who may do what with which database or table.
//!
//! Names stand in backticks, in double quotes (`ANSI_QUOTES`) or bare (`sql_quote_show_create = OFF`).

use std::fmt;

/// What every privilege is.
const ALL: &str = "ALL PRIVILEGES";

/// A granted or revoked list of privileges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    /// In capitals, for whole tables.
    pub privileges: Vec<String>,
    /// Those for some columns only.
    pub on_columns: Vec<String>,
    pub scope: Scope,
    /// Name and host; tells grants of one role from those of another.
    pub grantee: String,
    /// MariaDB's `PUBLIC`: everybody has it.
    pub is_public: bool,
    /// MySQL's partial revokes: taken away again from what holds everywhere.
    pub revokes: bool,
    /// `WITH GRANT OPTION`
    pub may_grant: bool,
}

/// What it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// `*.*`
    Global,
    /// `name.*`; a pattern.
    Database(String),
    /// `name.table`
    Table(String, String),
    /// A role that the account may take.
    Role,
    /// Routines, proxies.
    Other,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global => f.write_str("*.*"),
            Self::Database(name) => write!(f, "`{name}`.*"),
            Self::Table(database, table) => write!(f, "`{database}`.`{table}`"),
            Self::Role | Self::Other => Ok(()),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// A bare word or number.
    Word(String),
    /// A quoted name or text, without its quotes.
    Quoted(String),
    Mark(char),
}

impl Token {
    fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(found) if found.eq_ignore_ascii_case(word))
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Word(name) | Self::Quoted(name) => Some(name),
            Self::Mark(_) => None,
        }
    }
}

impl Statement {
    /// `None` for rows that grant nothing, such as MariaDB's `SET DEFAULT ROLE`.
    pub fn parse(row: &str) -> Option<Self> {
        let tokens = tokens(row);
        let (first, rest) = tokens.split_first()?;
        let revokes = first.is("REVOKE");
        if !revokes && !first.is("GRANT") {
            return None;
        }
        let end = rest.iter().position(|token| token.is("TO") || token.is("FROM")).unwrap_or(rest.len());
        let (granted, behind) = rest.split_at_checked(end)?;
        let names: Vec<&str> = behind.iter().skip(1).take(3).filter_map(Token::name).collect();
        let is_public = behind.get(1).is_some_and(|token| token.is("PUBLIC"));
        let may_grant = behind
            .windows(2)
            .any(|pair| matches!(pair, [grant, option] if grant.is("GRANT") && option.is("OPTION")));
        let on = granted.iter().position(|token| token.is("ON"));
        let ((privileges, on_columns), scope) = match on.and_then(|on| granted.split_at_checked(on)) {
            Some((privileges, object)) => {
                (privileges_of(privileges), scope_of(object.get(1..).unwrap_or_default()))
            }
            None => ((Vec::new(), Vec::new()), Scope::Role),
        };
        Some(Self { privileges, on_columns, scope, grantee: names.join("@"), is_public, revokes, may_grant })
    }

    pub fn has(&self, name: &str) -> bool {
        self.privileges.iter().any(|found| found == name || found == ALL)
    }
}

/// The names between the commas; those with a list of columns apart.
fn privileges_of(tokens: &[Token]) -> (Vec<String>, Vec<String>) {
    let (mut whole, mut on_columns) = (Vec::new(), Vec::new());
    let (mut words, mut columns, mut depth) = (Vec::new(), false, 0_u32);
    for token in tokens.iter().chain(&[Token::Mark(',')]) {
        match token {
            Token::Mark('(') => (depth, columns) = (depth + 1, true),
            Token::Mark(')') => depth = depth.saturating_sub(1),
            Token::Mark(',') if depth == 0 => {
                let name = std::mem::take(&mut words).join(" ");
                let name = if name == "ALL" { ALL.to_owned() } else { name };
                if columns { &mut on_columns } else { &mut whole }.push(name);
                columns = false;
            }
            Token::Word(word) if depth == 0 => words.push(word.to_ascii_uppercase()),
            _ => {}
        }
    }
    (whole, on_columns)
}

fn scope_of(object: &[Token]) -> Scope {
    match object {
        [Token::Mark('*'), Token::Mark('.'), Token::Mark('*')] => Scope::Global,
        [database, Token::Mark('.'), Token::Mark('*')] => {
            database.name().map_or(Scope::Other, |name| Scope::Database(name.to_owned()))
        }
        [database, Token::Mark('.'), table] => match (database.name(), table.name()) {
            (Some(database), Some(table)) => Scope::Table(database.to_owned(), table.to_owned()),
            _ => Scope::Other,
        },
        _ => Scope::Other,
    }
}

fn tokens(row: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut characters = row.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '`' | '"' | '\'' => {
                let mut name = String::new();
                while let Some(inner) = characters.next() {
                    // A doubled quote stands for itself.
                    if inner == character && characters.next_if_eq(&character).is_none() {
                        break;
                    }
                    name.push(inner);
                }
                tokens.push(Token::Quoted(name));
            }
            character if character.is_whitespace() => {}
            ',' | '(' | ')' | '.' | '*' | '@' | ';' => tokens.push(Token::Mark(character)),
            character => {
                let mut word = String::from(character);
                let inner = |c: &char| !c.is_whitespace() && !",().*@;`\"'".contains(*c);
                while let Some(next) = characters.next_if(inner) {
                    word.push(next);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    tokens
}

/// A part of a pattern.
enum Part {
    /// `%`: any text.
    Text,
    /// `_`: any character.
    Any,
    /// This character; behind a backslash also one of the two above.
    This(char),
}

fn parts(pattern: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        parts.push(match character {
            '%' => Part::Text,
            '_' => Part::Any,
            '\\' => Part::This(characters.next().unwrap_or('\\')),
            other => Part::This(other),
        });
    }
    parts
}

/// `LIKE`, letter by letter.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let (parts, name) = (parts(pattern), name.chars().collect::<Vec<char>>());
    let (mut at, mut read) = (0, 0);
    // The last `%` and what it has swallowed; only that one ever has to swallow more.
    let mut last = None;
    while let Some(character) = name.get(read) {
        match parts.get(at) {
            Some(Part::Text) => {
                last = Some((at, read));
                at += 1;
            }
            Some(Part::Any) => (at, read) = (at + 1, read + 1),
            Some(Part::This(wanted)) if wanted == character => (at, read) = (at + 1, read + 1),
            _ => {
                let Some((text, swallowed)) = last else { return false };
                (at, read) = (text + 1, swallowed + 1);
                last = Some((text, read));
            }
        }
    }
    parts.get(at..).unwrap_or_default().iter().all(|part| matches!(part, Part::Text))
}

/// The characters before the first wildcard; more than any where there is none.
pub(super) fn literal_length(pattern: &str) -> usize {
    let is_wildcard = |part: &Part| matches!(part, Part::Text | Part::Any);
    parts(pattern).iter().position(is_wildcard).unwrap_or(usize::MAX)
}

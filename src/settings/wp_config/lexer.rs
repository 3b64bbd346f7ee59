//! PHP text into tokens.
//!
//! Quoted strings are decoded in `text.rs`. Nothing here knows what a statement is: what PHP would refuse
//! becomes a [`Token::Bad`], and the parser decides what it spoils.

use super::number;
use super::value::ConstValue;

/// More tokens than this in one file is no configuration.
const MAX_TOKENS: usize = 200_000;
/// Strings within `{$...}` within strings; PHP has no limit, people stop at two.
pub(super) const MAX_DEPTH: usize = 8;
/// Bytes of a name: longer ones would make each use of them dear.
const MAX_NAME: usize = 255;
const LONG_NAME: &str = "a name longer than any configuration has";

/// One token and the line it starts on.
#[derive(Clone)]
pub(in crate::settings) struct Lexed {
    pub(in crate::settings) token: Token,
    pub(in crate::settings) line: u32,
}

#[derive(Clone, PartialEq)]
pub(in crate::settings) enum Token {
    /// `$name`, without the dollar.
    Variable(String),
    /// A keyword, function or constant name, perhaps with a namespace.
    Name(String),
    Number(ConstValue),
    /// A string without anything to fill in.
    Str(Vec<u8>),
    /// A string with variables in it.
    Template(Vec<Part>),
    /// A command between backticks, never looked at.
    Shell,
    Punct(&'static str),
    /// What cannot be read, and why.
    Bad(&'static str),
}

#[derive(Clone, PartialEq)]
pub(in crate::settings) enum Part {
    Bytes(Vec<u8>),
    Code(Vec<Lexed>),
}

impl PartialEq for Lexed {
    fn eq(&self, other: &Self) -> bool {
        self.token == other.token
    }
}

const PUNCTUATION: &[&str] = &[
    "===", "!==", "<=>", "**=", "...", "<<=", ">>=", "??=", "?->", "==", "!=", "<>", "<=", ">=", "&&", "||",
    "??", "->", "=>", "::", "++", "--", "+=", "-=", "*=", "/=", ".=", "%=", "&=", "|=", "^=", "<<", ">>",
    "**", "#[", ";", ",", ".", "(", ")", "{", "}", "[", "]", "=", "+", "-", "*", "/", "%", "<", ">", "!",
    "?", ":", "&", "|", "^", "~", "@", "$", "\\",
];

pub(super) struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    pub(super) line: u32,
    pub(super) out: Vec<Lexed>,
    pub(super) depth: usize,
}

/// The tokens of a PHP file, from its first byte (HTML until `<?php`).
pub(in crate::settings) fn file(text: &[u8]) -> Vec<Lexed> {
    let mut lexer = Lexer::new(text, 1, 0);
    lexer.html();
    while lexer.step() {}
    lexer.out
}

/// The tokens of a piece of PHP without an opening tag: what `eval` is given.
pub(super) fn code(text: &[u8]) -> Vec<Lexed> {
    let mut lexer = Lexer::new(text, 1, 0);
    while lexer.step() {}
    lexer.out
}

pub(super) fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

pub(super) fn is_name_byte(byte: u8) -> bool {
    is_name_start(byte) || byte.is_ascii_digit()
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a [u8], line: u32, depth: usize) -> Self {
        Self { text, at: 0, line, out: Vec::new(), depth }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at.saturating_add(ahead)).copied()
    }

    /// Moves on by `count` bytes, counting lines, and gives what was passed.
    pub(super) fn bump(&mut self, count: usize) -> &'a [u8] {
        let rest = self.rest();
        let passed = rest.get(..count).unwrap_or(rest);
        for (index, byte) in passed.iter().enumerate() {
            let lone_return = *byte == b'\r' && rest.get(index + 1) != Some(&b'\n');
            if *byte == b'\n' || lone_return {
                self.line = self.line.saturating_add(1);
            }
        }
        self.at += passed.len();
        passed
    }

    pub(super) fn push(&mut self, token: Token, line: u32) {
        self.out.push(Lexed { token, line });
    }

    fn starts_with(&self, prefix: &[u8]) -> bool {
        self.rest().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    }

    /// Passes HTML until the next opening tag, which it takes too.
    fn html(&mut self) {
        while let Some(byte) = self.peek(0) {
            if byte != b'<' || self.peek(1) != Some(b'?') {
                self.bump(1);
            } else if self.starts_with(b"<?php") && self.peek(5).is_none_or(|b| b.is_ascii_whitespace()) {
                self.bump(5);
                return;
            } else if self.starts_with(b"<?=") {
                let line = self.line;
                self.bump(3);
                self.push(Token::Name("echo".to_owned()), line);
                return;
            } else if self.starts_with(b"<?xml") {
                self.bump(2);
            } else {
                let line = self.line;
                self.push(
                    Token::Bad("a short opening tag `<?`, which PHP reads or not by its settings"),
                    line,
                );
                self.bump(2);
                return;
            }
        }
    }

    /// Reads one token; false at the end.
    pub(super) fn step(&mut self) -> bool {
        let line = self.line;
        let Some(byte) = self.peek(0) else { return false };
        if self.out.len() >= MAX_TOKENS {
            self.push(Token::Bad("the file is too long"), line);
            return false;
        }
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => {
                self.bump(1);
            }
            b'#' if self.peek(1) != Some(b'[') => self.line_comment(),
            b'/' if self.peek(1) == Some(b'/') => self.line_comment(),
            b'/' if self.peek(1) == Some(b'*') => self.block_comment(),
            b'?' if self.peek(1) == Some(b'>') => {
                self.bump(2);
                // PHP eats one line end after the closing tag; as HTML is not kept, nothing depends on it.
                self.push(Token::Punct(";"), line);
                self.html();
            }
            b'$' if self.peek(1).is_some_and(is_name_start) => {
                self.bump(1);
                let name = self.name().map_or_else(Token::Bad, Token::Variable);
                self.push(name, line);
            }
            b'\'' => self.single_quoted(),
            b'"' => self.double_quoted(b'"'),
            b'`' => self.double_quoted(b'`'),
            b'b' | b'B' if matches!(self.peek(1), Some(b'"' | b'\'')) || self.starts_with(b"b<<<") => {
                self.bump(1);
            }
            b'<' if self.starts_with(b"<<<") && self.heredoc() => {}
            b'0'..=b'9' => self.number(),
            b'.' if self.peek(1).is_some_and(|b| b.is_ascii_digit()) => self.number(),
            b'\\' if self.peek(1).is_some_and(is_name_start) => return self.qualified_name(),
            _ if is_name_start(byte) => return self.qualified_name(),
            _ => self.punctuation(),
        }
        true
    }

    /// A name without namespace, or why it is none.
    pub(super) fn name(&mut self) -> Result<String, &'static str> {
        let length = self.rest().iter().take_while(|b| is_name_byte(**b)).count();
        self.name_of(length)
    }

    fn name_of(&mut self, length: usize) -> Result<String, &'static str> {
        let name = self.bump(length);
        if length > MAX_NAME { Err(LONG_NAME) } else { Ok(String::from_utf8_lossy(name).into_owned()) }
    }

    fn qualified_name(&mut self) -> bool {
        let line = self.line;
        let mut length = 0;
        loop {
            let part = length + usize::from(self.peek(length) == Some(b'\\'));
            // A second part needs a backslash before it.
            if !self.peek(part).is_some_and(is_name_start) || (length > 0 && part == length) {
                break;
            }
            length = part + self.rest().iter().skip(part).take_while(|b| is_name_byte(**b)).count();
        }
        let token = self.name_of(length).map_or_else(Token::Bad, Token::Name);
        // What follows is data and not PHP.
        let halts = matches!(&token, Token::Name(name) if name.eq_ignore_ascii_case("__halt_compiler"));
        self.push(if halts { Token::Punct(";") } else { token }, line);
        !halts
    }

    fn line_comment(&mut self) {
        let rest = self.rest();
        let mut length = 0;
        while let Some(byte) = rest.get(length) {
            let closes = *byte == b'?' && rest.get(length + 1) == Some(&b'>');
            if matches!(byte, b'\n' | b'\r') || closes {
                break;
            }
            length += 1;
        }
        self.bump(length);
    }

    fn block_comment(&mut self) {
        let line = self.line;
        let end = self.rest().get(2..).and_then(|rest| rest.windows(2).position(|pair| pair == b"*/"));
        if let Some(end) = end {
            self.bump(end + 4);
        } else {
            self.bump(usize::MAX);
            self.push(Token::Bad("a comment that is not closed"), line);
        }
    }

    fn number(&mut self) {
        let line = self.line;
        let (token, length) = match number::literal(self.rest()) {
            Some((value, length)) => (Token::Number(value), length),
            None => (Token::Bad("a number PHP does not accept"), 1),
        };
        self.bump(length);
        self.push(token, line);
    }

    fn punctuation(&mut self) {
        let line = self.line;
        let rest = self.rest();
        let known = PUNCTUATION.iter().find(|known| rest.starts_with(known.as_bytes()));
        self.bump(known.map_or(1, |known| known.len()));
        self.push(known.map_or(Token::Bad("a character that is not PHP"), |known| Token::Punct(known)), line);
    }
}

//! Tokens into statements.
//!
//! This is the cursor and the recovery; the grammar is in `statement.rs` and `expression.rs`. A statement that cannot be read becomes a [`Broken`] one that
//! names what it may have set, and reading goes on behind it.

use super::ast::{Block, Broken, Node, Statement};
use super::lexer::{Lexed, Token};

/// Blocks and expressions within each other; configurations stay below twenty.
const MAX_DEPTH: usize = 40;

/// How often a failed statement may end before the place where it failed.
const MAX_RETRIES: usize = 50;

pub(super) struct Parser {
    tokens: Vec<Lexed>,
    pub(super) at: usize,
    depth: usize,
    pub(super) namespace: String,
    /// Some token could not be read.
    spoiled: bool,
    /// How often reading went on before the place it had failed at.
    retries: usize,
}

pub(super) struct Refused {
    pub(super) line: u32,
    pub(super) reason: String,
}

pub(super) type Parsed<T> = Result<T, Refused>;

/// All statements of a file.
pub(super) fn program(tokens: Vec<Lexed>) -> Block {
    let mut parser = Parser::new(tokens, 0);
    let mut statements = Vec::new();
    while !parser.done() {
        let before = parser.at;
        statements.push(parser.statement_or_broken());
        if parser.at == before {
            // A brace that nothing opened.
            let line = parser.line();
            parser.at += 1;
            statements.push(Statement::Broken(Broken {
                line,
                reason: "a closing brace without an opening one".to_owned(),
                constants: Vec::new(),
                variables: Vec::new(),
                anything: true,
            }));
        }
    }
    statements
}

impl Parser {
    pub(super) fn new(tokens: Vec<Lexed>, depth: usize) -> Self {
        let spoiled = tokens.iter().any(|lexed| matches!(lexed.token, Token::Bad(_)));
        Self { tokens, at: 0, depth, namespace: String::new(), spoiled, retries: 0 }
    }

    pub(super) fn done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    pub(super) fn line(&self) -> u32 {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(1, |lexed| lexed.line)
    }

    pub(super) fn peek(&self) -> Option<&Token> {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead).map(|lexed| &lexed.token)
    }

    pub(super) fn advance(&mut self) {
        self.at += 1;
    }

    pub(super) fn step_back(&mut self) {
        self.at = self.at.saturating_sub(1);
    }

    pub(super) fn next(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.at += 1;
        token
    }

    pub(super) fn is(&self, punct: &str) -> bool {
        matches!(self.peek(), Some(Token::Punct(found)) if *found == punct)
    }

    pub(super) fn eat(&mut self, punct: &str) -> bool {
        let found = self.is(punct);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, punct: &str) -> Parsed<()> {
        if self.eat(punct) { Ok(()) } else { Err(self.refuse(&format!("`{punct}` is missing"))) }
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Name(name)) if name.eq_ignore_ascii_case(word))
    }

    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    /// An error here; a token that could not be read gives its own reason.
    pub(super) fn refuse(&self, reason: &str) -> Refused {
        let reason = match self.peek() {
            Some(Token::Bad(why)) => why,
            _ => reason,
        };
        Refused { line: self.line(), reason: reason.to_owned() }
    }

    /// Runs a part of the grammar one level deeper, refusing what is nested beyond reason.
    pub(super) fn deeper<T>(&mut self, part: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(self.refuse("nested too deep"));
        }
        self.depth += 1;
        let result = part(self);
        self.depth -= 1;
        result
    }

    pub(super) fn statement_or_broken(&mut self) -> Statement {
        let start = self.at;
        let before = self.depth;
        match self.deeper(Self::statement) {
            Ok(statement) => statement,
            Err(refused) => {
                self.depth = before;
                let failed_at = self.at;
                self.at = self.end_of_statement(start);
                if self.at < failed_at {
                    // Reading a part twice is worth it, but nested failures would do so without end.
                    self.retries += 1;
                    if self.retries > MAX_RETRIES {
                        self.at = self.end_of_statement(failed_at);
                    }
                }
                Statement::Broken(self.what_may_be_set(start, refused))
            }
        }
    }

    /// Behind the `;` or the block that ends the statement at `start`, as well as brackets can tell.
    fn end_of_statement(&self, start: usize) -> usize {
        let mut open = 0_usize;
        let mut at = start;
        while let Some(lexed) = self.tokens.get(at) {
            match lexed.token {
                Token::Punct("{") => open += 1,
                Token::Punct("}") if open == 0 => return at,
                Token::Punct("}") if open == 1 => return at + 1,
                Token::Punct("}") => open -= 1,
                Token::Punct(";") if open == 0 => return at + 1,
                _ => {}
            }
            at += 1;
        }
        at
    }

    /// Looks through skipped tokens for whatever they may set.
    fn what_may_be_set(&self, start: usize, refused: Refused) -> Broken {
        let skipped: Vec<&Token> =
            self.tokens.iter().take(self.at).skip(start).map(|lexed| &lexed.token).collect();
        let mut broken = Broken {
            line: refused.line,
            reason: refused.reason,
            constants: Vec::new(),
            variables: Vec::new(),
            // An unclosed string turns code into text and text into code behind it.
            anything: self.spoiled,
        };
        for (index, token) in skipped.iter().enumerate() {
            let next = |ahead: usize| skipped.get(index + ahead).copied();
            match token {
                Token::Variable(name) => broken.variables.push(name.clone()),
                Token::Punct("$") => broken.anything = true,
                Token::Name(name) => match name.trim_start_matches('\\').to_ascii_lowercase().as_str() {
                    "define" => match (next(1), next(2), next(3)) {
                        (Some(Token::Punct("(")), Some(Token::Str(name)), after)
                        // Behind an operator the name would be a longer one.
                        if !matches!(after, Some(Token::Punct(p)) if *p != ",") =>
                    {
                            broken.constants.push(String::from_utf8_lossy(name).into_owned());
                        }
                        _ => broken.anything = true,
                    },
                    "const" => match next(1) {
                        Some(Token::Name(name)) => broken.constants.push(name.clone()),
                        _ => broken.anything = true,
                    },
                    "include" | "include_once" | "require" | "require_once" | "eval" | "extract"
                    | "parse_str" => {
                        broken.anything = true;
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        broken
    }

    pub(super) fn skip_braces(&mut self) -> Parsed<()> {
        self.skip_balanced(&["{"], &["}"])
    }

    pub(super) fn skip_parentheses(&mut self) -> Parsed<()> {
        self.skip_balanced(&["("], &[")"])
    }

    pub(super) fn skip_brackets(&mut self) -> Parsed<()> {
        self.skip_balanced(&["[", "#["], &["]"])
    }

    fn skip_balanced(&mut self, opening: &[&str], closing: &[&str]) -> Parsed<()> {
        let mut open = 0_usize;
        loop {
            match self.peek() {
                None | Some(Token::Bad(_)) => return Err(self.refuse("a closing bracket is missing")),
                Some(Token::Punct(p)) if opening.contains(p) => open += 1,
                Some(Token::Punct(p)) if closing.contains(p) => open = open.saturating_sub(1),
                _ => {}
            }
            self.advance();
            if open == 0 {
                return Ok(());
            }
        }
    }

    /// Expressions between commas up to the closing token, which is taken.
    pub(super) fn expressions_until(&mut self, close: &str) -> Parsed<Vec<Node>> {
        let mut list = Vec::new();
        while !self.eat(close) {
            list.push(self.expression(0)?);
            if !self.is(close) {
                self.expect(",")?;
            }
        }
        Ok(list)
    }
}

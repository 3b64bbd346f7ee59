//! Tokens into statements.
//!
//! Expressions are read in `expression.rs`. A statement that cannot be read becomes a [`Broken`] one that
//! names what it may have set, and reading goes on behind it.

use std::rc::Rc;

use super::ast::{Block, Broken, Function, Node, Parameter, Statement};
use super::lexer::{Lexed, Token};

/// Blocks and expressions within each other; configurations stay below twenty.
const MAX_DEPTH: usize = 40;

/// How often a failed statement may end before the place where it failed.
const MAX_RETRIES: usize = 50;

pub(super) struct Parser {
    tokens: Vec<Lexed>,
    at: usize,
    depth: usize,
    namespace: String,
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

    fn statement_or_broken(&mut self) -> Statement {
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
                        (Some(Token::Punct("(")), Some(Token::Str(name)), Some(Token::Punct(","))) => {
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

    /// Statements up to a closing brace (taken) or, without an opening one, a single statement.
    pub(super) fn body(&mut self) -> Parsed<Block> {
        if self.eat("{") {
            return self.braces();
        }
        Ok(vec![self.deeper(Self::statement)?])
    }

    /// The rest of a block whose opening brace has been taken.
    pub(super) fn braces(&mut self) -> Parsed<Block> {
        let mut block = Vec::new();
        while !self.eat("}") {
            if self.done() {
                return Err(self.refuse("a closing brace is missing"));
            }
            block.push(self.statement_or_broken());
        }
        Ok(block)
    }

    /// A body in braces, or between `:` and one of the words (not taken).
    fn body_until(&mut self, words: &[&str]) -> Parsed<(Block, bool)> {
        if !self.eat(":") {
            return Ok((self.body()?, false));
        }
        let mut block = Vec::new();
        while !words.iter().any(|word| self.is_word(word)) {
            if self.done() {
                return Err(self.refuse(&format!("`{}` is missing", words.last().unwrap_or(&"end"))));
            }
            let before = self.at;
            block.push(self.statement_or_broken());
            if self.at == before {
                return Err(self.refuse("a closing brace without an opening one"));
            }
        }
        Ok((block, true))
    }

    /// A loop's body, in either form.
    fn loop_body(&mut self, end: &str) -> Parsed<Block> {
        let (body, colon) = self.body_until(&[end])?;
        if colon {
            self.advance();
            self.end()?;
        }
        Ok(body)
    }

    fn end(&mut self) -> Parsed<()> {
        // The last `;` may be missing at the end of the text: `eval` refuses it, a closing tag stands for it.
        self.expect(";")
    }

    fn statement(&mut self) -> Parsed<Statement> {
        let line = self.line();
        if self.eat(";") {
            return Ok(Statement::Nothing);
        }
        if self.eat("{") {
            return Ok(Statement::Block(self.braces()?));
        }
        if self.is("#[") {
            self.skip_brackets()?;
            return self.statement_or_class(line);
        }
        self.statement_or_class(line)
    }

    fn statement_or_class(&mut self, line: u32) -> Parsed<Statement> {
        let word = match self.peek() {
            Some(Token::Name(name)) => name.to_ascii_lowercase(),
            _ => String::new(),
        };
        let after_is =
            |parser: &Self, punct: &str| matches!(parser.peek_at(1), Some(Token::Punct(p)) if *p == punct);
        let before_name = matches!(self.peek_at(1), Some(Token::Name(_)));
        match word.as_str() {
            "if" => self.conditional(),
            "while" => self.while_loop(line),
            "do" => self.do_loop(line),
            "for" => self.for_loop(line),
            "foreach" => self.foreach_loop(),
            "switch" => self.switch(),
            "try" => self.try_block(line),
            "function"
                if before_name || after_is(self, "&") && matches!(self.peek_at(2), Some(Token::Name(_))) =>
            {
                self.advance();
                self.eat("&");
                let name = match self.next() {
                    Some(Token::Name(name)) => name,
                    _ => String::new(),
                };
                Ok(Statement::Function(self.function(name)?))
            }
            "class" | "interface" | "trait" | "abstract" | "final" if before_name => self.class(),
            "readonly" | "enum" if before_name => self.class(),
            "use" => self.skip_to_semicolon(),
            "declare" => {
                self.advance();
                self.skip_parentheses()?;
                self.end()?;
                Ok(Statement::Nothing)
            }
            "namespace" if before_name || after_is(self, "{") => self.namespace(),
            "const" => self.constants(),
            "static" if matches!(self.peek_at(1), Some(Token::Variable(_))) => {
                Ok(Statement::Static(self.variable_list()?))
            }
            "global" => Ok(Statement::Global(self.variable_list()?)),
            "echo" => {
                self.advance();
                let values = self.expressions_until(";")?;
                Ok(Statement::Echo(values))
            }
            "unset" => {
                self.advance();
                self.expect("(")?;
                let targets = self.expressions_until(")")?;
                self.end()?;
                Ok(Statement::Unset(targets))
            }
            "return" => {
                self.advance();
                let value = if self.is(";") { None } else { Some(self.expression(0)?) };
                // `return` is the one statement PHP files end with and without `;` before `?>`: the lexer made one.
                self.end()?;
                Ok(Statement::Return(value))
            }
            "break" | "continue" => {
                self.advance();
                let levels = match self.peek() {
                    Some(Token::Number(value)) => value.to_int().and_then(|n| usize::try_from(n).ok()),
                    _ => None,
                };
                self.at += usize::from(levels.is_some());
                self.end()?;
                let levels = levels.unwrap_or(1);
                Ok(if word == "break" { Statement::Break(levels) } else { Statement::Continue(levels) })
            }
            _ => {
                let value = self.expression(0)?;
                self.end()?;
                Ok(Statement::Expression(value))
            }
        }
    }

    fn head(&mut self) -> Parsed<Node> {
        self.expect("(")?;
        let value = self.expression(0)?;
        self.expect(")")?;
        Ok(value)
    }

    fn conditional(&mut self) -> Parsed<Statement> {
        const ENDS: &[&str] = &["elseif", "else", "endif"];
        self.advance();
        let mut arms = Vec::new();
        let condition = self.head()?;
        let (body, colon) = self.body_until(ENDS)?;
        arms.push((condition, body));
        loop {
            let else_if = !colon
                && self.is_word("else")
                && matches!(self.peek_at(1), Some(Token::Name(n)) if n.eq_ignore_ascii_case("if"));
            if else_if {
                self.advance();
            }
            if else_if || self.is_word("elseif") {
                self.advance();
                let condition = self.head()?;
                arms.push((condition, self.body_until(ENDS)?.0));
                continue;
            }
            let otherwise = if self.eat_word("else") { Some(self.body_until(ENDS)?.0) } else { None };
            if colon {
                if !self.eat_word("endif") {
                    return Err(self.refuse("`endif` is missing"));
                }
                self.end()?;
            }
            return Ok(Statement::If(arms, otherwise));
        }
    }

    fn while_loop(&mut self, line: u32) -> Parsed<Statement> {
        self.advance();
        let head = self.head()?;
        Ok(Statement::Loop(line, vec![head], self.loop_body("endwhile")?))
    }

    fn do_loop(&mut self, line: u32) -> Parsed<Statement> {
        self.advance();
        let body = self.body()?;
        if !self.eat_word("while") {
            return Err(self.refuse("`while` is missing"));
        }
        let head = self.head()?;
        self.end()?;
        Ok(Statement::Loop(line, vec![head], body))
    }

    fn for_loop(&mut self, line: u32) -> Parsed<Statement> {
        self.advance();
        self.expect("(")?;
        let mut head = self.expressions_until(";")?;
        head.extend(self.expressions_until(";")?);
        head.extend(self.expressions_until(")")?);
        Ok(Statement::Loop(line, head, self.loop_body("endfor")?))
    }

    fn foreach_loop(&mut self) -> Parsed<Statement> {
        self.advance();
        self.expect("(")?;
        let subject = self.expression(0)?;
        if !self.eat_word("as") {
            return Err(self.refuse("`as` is missing"));
        }
        let mut by_reference = self.eat("&");
        let mut value = self.expression(0)?;
        let mut key = None;
        if self.eat("=>") {
            by_reference |= self.eat("&");
            key = Some(std::mem::replace(&mut value, self.expression(0)?));
        }
        self.expect(")")?;
        let body = self.loop_body("endforeach")?;
        Ok(Statement::Foreach { subject, key, value, by_reference, body })
    }

    fn switch(&mut self) -> Parsed<Statement> {
        self.advance();
        let subject = self.head()?;
        let colon = self.eat(":");
        if !colon {
            self.expect("{")?;
        }
        let mut cases = Vec::new();
        loop {
            if if colon { self.eat_word("endswitch") } else { self.eat("}") } {
                break;
            }
            let label = if self.eat_word("case") {
                Some(self.expression(0)?)
            } else if self.eat_word("default") {
                None
            } else {
                return Err(self.refuse("`case` is missing"));
            };
            if !self.eat(":") {
                self.expect(";")?;
            }
            let mut body = Vec::new();
            while !["case", "default", "endswitch"].iter().any(|word| self.is_word(word)) && !self.is("}") {
                if self.done() {
                    return Err(self.refuse("a closing brace is missing"));
                }
                body.push(self.statement_or_broken());
            }
            cases.push((label, body));
        }
        if colon {
            self.end()?;
        }
        Ok(Statement::Switch(subject, cases))
    }

    fn try_block(&mut self, line: u32) -> Parsed<Statement> {
        self.advance();
        let mut blocks = vec![self.body()?];
        let mut finally = None;
        loop {
            if self.eat_word("catch") {
                self.skip_parentheses()?;
                blocks.push(self.body()?);
            } else if self.eat_word("finally") {
                finally = Some(self.body()?);
            } else {
                return Ok(Statement::Try(line, blocks, finally));
            }
        }
    }

    /// A function behind its name: parameters, captured variables, return type, body.
    pub(super) fn function(&mut self, name: String) -> Parsed<Rc<Function>> {
        let parameters = self.parameters()?;
        if self.eat_word("use") {
            self.skip_parentheses()?;
        }
        let returns = if self.eat(":") { Some(self.type_name()) } else { None };
        self.expect("{")?;
        let body = self.braces()?;
        Ok(Rc::new(Function { name, parameters, returns, body }))
    }

    pub(super) fn parameters(&mut self) -> Parsed<Vec<Parameter>> {
        self.expect("(")?;
        let mut parameters = Vec::new();
        while !self.eat(")") {
            while self.is("#[") {
                self.skip_brackets()?;
            }
            let kind = self.type_name();
            let mut special = self.eat("&");
            special |= self.eat("...");
            let Some(Token::Variable(name)) = self.next() else {
                return Err(self.refuse("a parameter is missing"));
            };
            let default = if self.eat("=") { Some(self.expression(0)?) } else { None };
            let kind = (!kind.is_empty()).then_some(kind);
            parameters.push(Parameter { name, kind, default, special });
            if !self.is(")") {
                self.expect(",")?;
            }
        }
        Ok(parameters)
    }

    /// A type, in small letters; empty when there is none.
    pub(super) fn type_name(&mut self) -> String {
        let mut kind = String::new();
        loop {
            match (self.peek(), self.peek_at(1)) {
                (Some(Token::Name(name)), _) => kind.push_str(&name.to_ascii_lowercase()),
                (Some(Token::Punct("?")), _) => kind.push_str("null|"),
                (Some(Token::Punct("|")), _) => kind.push('|'),
                // `&` joins types when a name follows, and marks a reference when a variable does.
                (Some(Token::Punct("&")), Some(Token::Name(_))) => kind.push('&'),
                _ => return kind,
            }
            self.advance();
        }
    }

    fn class(&mut self) -> Parsed<Statement> {
        while !self.is("{") {
            if self.done() || self.is(";") {
                return Err(self.refuse("a class without body"));
            }
            self.advance();
        }
        self.skip_braces()?;
        Ok(Statement::Nothing)
    }

    pub(super) fn skip_braces(&mut self) -> Parsed<()> {
        self.skip_balanced(&["{"], &["}"])
    }

    fn skip_parentheses(&mut self) -> Parsed<()> {
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

    fn skip_to_semicolon(&mut self) -> Parsed<Statement> {
        while !self.eat(";") {
            if self.done() {
                return Err(self.refuse("`;` is missing"));
            }
            self.advance();
        }
        Ok(Statement::Nothing)
    }

    fn namespace(&mut self) -> Parsed<Statement> {
        self.advance();
        self.namespace = match self.peek() {
            Some(Token::Name(name)) => name.clone(),
            _ => String::new(),
        };
        self.at += usize::from(!self.namespace.is_empty());
        if self.eat("{") {
            return Ok(Statement::Block(self.braces()?));
        }
        self.end()?;
        Ok(Statement::Nothing)
    }

    fn constants(&mut self) -> Parsed<Statement> {
        self.advance();
        let mut list = Vec::new();
        loop {
            let Some(Token::Name(name)) = self.next() else {
                return Err(self.refuse("a constant's name is missing"));
            };
            self.expect("=")?;
            let name = if self.namespace.is_empty() { name } else { format!("{}\\{name}", self.namespace) };
            list.push((name, self.expression(0)?));
            if !self.eat(",") {
                break;
            }
        }
        self.end()?;
        Ok(Statement::Const(list))
    }

    fn variable_list(&mut self) -> Parsed<Vec<String>> {
        self.advance();
        let mut names = Vec::new();
        loop {
            let Some(Token::Variable(name)) = self.next() else {
                return Err(self.refuse("a variable is missing"));
            };
            names.push(name);
            if self.eat("=") {
                self.expression(0)?;
            }
            if !self.eat(",") {
                break;
            }
        }
        self.end()?;
        Ok(names)
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

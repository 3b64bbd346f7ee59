//! The grammar of statements.
//!
//! What happens when it is not met is decided in `parser.rs`.

use super::ast::{Block, Node, Statement};
use super::lexer::Token;
use super::parser::{Parsed, Parser};

impl Parser {
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

    pub(super) fn end(&mut self) -> Parsed<()> {
        // The last `;` may be missing at the end of the text: `eval` refuses it, a closing tag stands for it.
        self.expect(";")
    }

    pub(super) fn statement(&mut self) -> Parsed<Statement> {
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
            "class" | "interface" | "trait" | "abstract" | "final" | "readonly" | "enum" if before_name => {
                self.class()
            }
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

    fn skip_to_semicolon(&mut self) -> Parsed<Statement> {
        while !self.eat(";") {
            if self.done() {
                return Err(self.refuse("`;` is missing"));
            }
            self.advance();
        }
        Ok(Statement::Nothing)
    }
}

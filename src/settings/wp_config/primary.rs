//! The grammar of values: literals, names and keywords, arrays, functions without name.
//!
//! How operators join them is in `expression.rs`.

use super::ast::{Function, Include, Item, Kind, Magic, Node, Statement};
use super::expression::{ASSIGNMENT, tallest};
use super::lexer::{Part, Token};
use super::parser::{Parsed, Parser};
use super::value::ConstValue;

impl Parser {
    pub(super) fn primary(&mut self) -> Parsed<Node> {
        let line = self.line();
        let Some(token) = self.next() else {
            return Err(self.refuse("the text ends in a statement"));
        };
        match token {
            Token::Number(value) => self.node(line, 0, Kind::Value(value)),
            Token::Str(bytes) => self.node(line, 0, Kind::Value(ConstValue::Str(bytes))),
            Token::Variable(name) => self.node(line, 0, Kind::Variable(name)),
            Token::Template(parts) => self.template(line, parts),
            Token::Shell => self.node(line, 0, Kind::Opaque("a command".to_owned(), Vec::new())),
            Token::Name(name) => self.word(line, name),
            Token::Punct("(") => {
                let inner = self.expression(0)?;
                self.expect(")")?;
                if inner.is_target() || matches!(inner.kind, Kind::Concat(_)) {
                    // In brackets it is no target any more, and no part of a chain around it.
                    let below = inner.height;
                    return self.node(line, below, Kind::Bracketed(Box::new(inner)));
                }
                Ok(inner)
            }
            Token::Punct("[") => self.array(line, "]"),
            Token::Punct("$") => {
                let inner = if self.eat("{") {
                    let inner = self.expression(0)?;
                    self.expect("}")?;
                    inner
                } else {
                    self.deeper(Self::primary)?
                };
                self.node(line, inner.height, Kind::VariableVariable(Box::new(inner)))
            }
            Token::Punct("#[") => {
                // An attribute before a function without name.
                self.step_back();
                self.skip_brackets()?;
                self.deeper(Self::primary)
            }
            token => {
                self.step_back();
                Err(self.refuse(match token {
                    Token::Bad(why) => why,
                    _ => "a value is missing",
                }))
            }
        }
    }

    fn template(&mut self, line: u32, parts: Vec<Part>) -> Parsed<Node> {
        let mut nodes = Vec::new();
        let mut below = 0;
        for part in parts {
            let node = match part {
                Part::Bytes(bytes) => Node { line, height: 1, kind: Kind::Value(ConstValue::Str(bytes)) },
                Part::Code(tokens) => {
                    let mut inner = Self::new(tokens, self.depth());
                    let node = inner.expression(0)?;
                    if !inner.done() {
                        return Err(inner.refuse("a variable in a string"));
                    }
                    node
                }
            };
            below = below.max(node.height);
            nodes.push(node);
        }
        self.node(line, below, Kind::Concat(nodes))
    }

    fn array(&mut self, line: u32, close: &str) -> Parsed<Node> {
        let mut items = Vec::new();
        let mut below = 0;
        while !self.eat(close) {
            if self.is(",") {
                return Err(self.refuse("an array with gaps"));
            }
            let mut special = self.eat("...") || self.eat("&");
            let mut value = self.expression(0)?;
            let mut key = None;
            if self.eat("=>") {
                special |= self.eat("&");
                key = Some(std::mem::replace(&mut value, self.expression(0)?));
            }
            below = below.max(value.height).max(key.as_ref().map_or(0, |key| key.height));
            items.push(Item { key, value, special });
            if !self.is(close) {
                self.expect(",")?;
            }
        }
        self.node(line, below, Kind::Array(items))
    }

    /// A name: a keyword, a constant, a function to be called.
    fn word(&mut self, line: u32, name: String) -> Parsed<Node> {
        let word = name.trim_start_matches('\\').to_ascii_lowercase();
        match word.as_str() {
            "true" | "false" => self.node(line, 0, Kind::Value(ConstValue::Bool(word == "true"))),
            "null" => self.node(line, 0, Kind::Value(ConstValue::Null)),
            "__dir__" => self.node(line, 0, Kind::Magic(Magic::Dir)),
            "__file__" => self.node(line, 0, Kind::Magic(Magic::File)),
            "__line__" => self.node(line, 0, Kind::Value(ConstValue::Int(i64::from(line)))),
            "array" | "list" if self.eat("(") => self.array(line, ")"),
            "isset" => {
                self.expect("(")?;
                let parts = self.expressions_until(")")?;
                let below = parts.iter().map(|node| node.height).max().unwrap_or(0);
                self.node(line, below, Kind::Isset(parts))
            }
            "empty" | "eval" => {
                self.expect("(")?;
                let inner = self.expression(0)?;
                self.expect(")")?;
                let below = inner.height;
                let inner = Box::new(inner);
                self.node(line, below, if word == "empty" { Kind::Empty(inner) } else { Kind::Eval(inner) })
            }
            "exit" | "die" => {
                let parts = if self.eat("(") { self.expressions_until(")")? } else { Vec::new() };
                let below = parts.iter().map(|node| node.height).max().unwrap_or(0);
                self.node(line, below, Kind::Exit(parts))
            }
            "include" | "include_once" | "require" | "require_once" => {
                let path = self.expression(ASSIGNMENT)?;
                let how = Include { once: word.ends_with("_once"), required: word.starts_with("require") };
                self.node(line, path.height, Kind::Include(how, Box::new(path)))
            }
            "throw" | "clone" | "yield" | "print" => {
                let inner = self.expression(ASSIGNMENT)?;
                self.node(line, inner.height, Kind::Opaque(format!("`{word}`"), vec![inner]))
            }
            "new" => self.new_object(line),
            "match" if self.is("(") => self.match_expression(line),
            "function" | "fn" => self.closure(line, &word),
            "static" if self.is_word("function") || self.is_word("fn") => {
                let word = if self.is_word("fn") { "fn" } else { "function" };
                self.advance();
                self.closure(line, word)
            }
            _ => self.node(line, 0, Kind::Constant(name)),
        }
    }

    fn new_object(&mut self, line: u32) -> Parsed<Node> {
        let what = match self.next() {
            Some(Token::Name(name)) if name.eq_ignore_ascii_case("class") => {
                let arguments = if self.is("(") { self.arguments()? } else { Vec::new() };
                while !self.is("{") {
                    if self.done() {
                        return Err(self.refuse("a class without body"));
                    }
                    self.advance();
                }
                self.skip_braces()?;
                let what = "new class".to_owned();
                return self.node(
                    line,
                    tallest(&arguments),
                    Kind::Foreign { what, define: false, arguments },
                );
            }
            Some(Token::Name(name)) => format!("new {name}"),
            Some(Token::Variable(name)) => format!("new ${name}"),
            _ => return Err(self.refuse("a class is missing")),
        };
        let arguments = if self.is("(") { self.arguments()? } else { Vec::new() };
        self.node(line, tallest(&arguments), Kind::Foreign { what, define: false, arguments })
    }

    fn match_expression(&mut self, line: u32) -> Parsed<Node> {
        self.expect("(")?;
        let subject = self.expression(0)?;
        self.expect(")")?;
        self.expect("{")?;
        let mut arms = Vec::new();
        let mut below = subject.height;
        while !self.eat("}") {
            let labels =
                if self.is_word("default") && !matches!(self.peek_at(1), Some(Token::Punct("::" | "("))) {
                    self.advance();
                    self.eat(",");
                    self.expect("=>")?;
                    Vec::new()
                } else {
                    self.expressions_until("=>")?
                };
            let value = self.expression(0)?;
            below = labels.iter().map(|node| node.height).max().unwrap_or(0).max(below).max(value.height);
            arms.push((labels, value));
            if !self.is("}") {
                self.expect(",")?;
            }
        }
        self.node(line, below, Kind::Match(Box::new(subject), arms))
    }

    fn closure(&mut self, line: u32, word: &str) -> Parsed<Node> {
        self.eat("&");
        let function = if word == "fn" {
            let parameters = self.parameters()?;
            let returns = if self.eat(":") { Some(self.type_name()) } else { None };
            self.expect("=>")?;
            let value = self.expression(ASSIGNMENT)?;
            let body = vec![Statement::Return(Some(value))];
            std::rc::Rc::new(Function { name: String::new(), parameters, returns, body })
        } else {
            self.function(String::new())?
        };
        self.node(line, 0, Kind::Closure(function))
    }
}

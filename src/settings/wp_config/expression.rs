//! Tokens into expressions, with PHP 8's precedences.
//!
//! What is outside the grammar of configurations (`yield`, properties) is still read, as [`Kind::Opaque`], so
//! that the statements around it survive.

use super::ast::{Argument, Cast, Function, Include, Item, Kind, Magic, Node, Short, Statement};
use super::lexer::{Part, Token};
use super::parser::{Parsed, Parser};
use super::value::ConstValue;

/// Levels of one expression; left-leaning chains grow it without nesting.
const MAX_HEIGHT: u16 = 80;

/// Binding powers, weakest first; the right operand of a left-associative operator binds one tighter.
const ASSIGNMENT: u8 = 7;
const TERNARY: u8 = 9;
const COALESCE: u8 = 11;
const CONCAT: u8 = 27;
const NOT: u8 = 35;
const INSTANCEOF: u8 = 37;
const UNARY: u8 = 39;
const POWER: u8 = 41;

fn binary(token: &Token) -> Option<(&'static str, u8)> {
    Some(match token {
        Token::Name(name) => match name.to_ascii_lowercase().as_str() {
            "or" => ("or", 1),
            "xor" => ("xor", 3),
            "and" => ("and", 5),
            "instanceof" => ("instanceof", INSTANCEOF),
            _ => return None,
        },
        Token::Punct(punct) => match *punct {
            "?" => ("?", TERNARY),
            "??" => ("??", COALESCE),
            "||" => ("||", 13),
            "&&" => ("&&", 15),
            "|" => ("|", 17),
            "^" => ("^", 19),
            "&" => ("&", 21),
            "==" | "!=" | "<>" | "===" | "!==" | "<=>" => (punct, 23),
            "<" | "<=" | ">" | ">=" => (punct, 25),
            "." => (".", CONCAT),
            "<<" | ">>" => (punct, 29),
            "+" | "-" => (punct, 31),
            "*" | "/" | "%" => (punct, 33),
            "**" => ("**", POWER),
            _ => return None,
        },
        _ => return None,
    })
}

fn assignment(token: Option<&Token>) -> Option<Option<&'static str>> {
    let Some(Token::Punct(punct)) = token else {
        return None;
    };
    Some(match *punct {
        "=" => None,
        ".=" => Some("."),
        "??=" => Some("??"),
        "+=" => Some("+"),
        "-=" => Some("-"),
        "*=" => Some("*"),
        "/=" => Some("/"),
        "%=" => Some("%"),
        "**=" => Some("**"),
        "|=" => Some("|"),
        "&=" => Some("&"),
        "^=" => Some("^"),
        "<<=" => Some("<<"),
        ">>=" => Some(">>"),
        _ => return None,
    })
}

impl Parser {
    /// A node above `below`, refused when the tree grows too tall.
    fn node(&self, line: u32, below: u16, kind: Kind) -> Parsed<Node> {
        if below >= MAX_HEIGHT {
            return Err(self.refuse("an expression nested too deep"));
        }
        Ok(Node { line, height: below + 1, kind })
    }

    /// An expression of operators that bind at least as tight as `least`.
    pub(super) fn expression(&mut self, least: u8) -> Parsed<Node> {
        self.deeper(|parser| {
            let mut left = parser.unary()?;
            while let Some((operator, power)) = parser.peek().and_then(binary) {
                if power < least {
                    break;
                }
                left = parser.infix(left, operator, power)?;
            }
            Ok(left)
        })
    }

    fn infix(&mut self, left: Node, operator: &'static str, power: u8) -> Parsed<Node> {
        let line = left.line;
        self.advance();
        if operator == "?" {
            let middle = if self.is(":") { None } else { Some(Box::new(self.expression(ASSIGNMENT)?)) };
            self.expect(":")?;
            let right = self.expression(TERNARY + 1)?;
            let below = left.height.max(right.height).max(middle.as_ref().map_or(0, |node| node.height));
            return self.node(line, below, Kind::Ternary(Box::new(left), middle, Box::new(right)));
        }
        if operator == "instanceof" {
            let right = self.unary()?;
            return self.node(line, left.height, Kind::Opaque("instanceof".to_owned(), vec![left, right]));
        }
        // `??` and `**` group to the right.
        let right = self.expression(if matches!(operator, "??" | "**") { power } else { power + 1 })?;
        let below = left.height.max(right.height);
        let short = match operator {
            "&&" | "and" => Some(Short::And),
            "||" | "or" => Some(Short::Or),
            "??" => Some(Short::Coalesce),
            _ => None,
        };
        if let Some(short) = short {
            return self.node(line, below, Kind::Short(short, Box::new(left), Box::new(right)));
        }
        if operator == "." {
            // A chain is kept flat: long ones are ordinary and need no height.
            return match left.kind {
                Kind::Concat(mut parts) => {
                    let below = right.height.max(left.height.saturating_sub(1));
                    parts.push(right);
                    self.node(line, below, Kind::Concat(parts))
                }
                kind => {
                    let left = Node { line, height: left.height, kind };
                    self.node(line, below, Kind::Concat(vec![left, right]))
                }
            };
        }
        self.node(line, below, Kind::Binary(operator, Box::new(left), Box::new(right)))
    }

    fn unary(&mut self) -> Parsed<Node> {
        let line = self.line();
        if let Some(Token::Punct(punct)) = self.peek() {
            let punct = *punct;
            match punct {
                "!" | "-" | "+" | "~" => {
                    self.advance();
                    let operand = self.expression(if punct == "!" { NOT } else { UNARY })?;
                    return self.node(line, operand.height, Kind::Unary(punct, Box::new(operand)));
                }
                "@" | "&" => {
                    self.advance();
                    return self.expression(UNARY);
                }
                "++" | "--" => {
                    self.advance();
                    let operand = self.expression(UNARY)?;
                    return self.node(line, operand.height, Kind::Step(Box::new(operand)));
                }
                "(" => {
                    if let Some(cast) = self.cast() {
                        let operand = self.expression(UNARY)?;
                        let below = operand.height;
                        return match cast {
                            Some(cast) => self.node(line, below, Kind::Cast(cast, Box::new(operand))),
                            None => {
                                self.node(line, below, Kind::Opaque("an object".to_owned(), vec![operand]))
                            }
                        };
                    }
                }
                _ => {}
            }
        }
        let primary = self.primary()?;
        let node = self.postfix(primary)?;
        let Some(operator) = assignment(self.peek()).filter(|_| node.is_target()) else {
            return Ok(node);
        };
        self.advance();
        if operator.is_none() && self.is("&") {
            self.advance();
            let source = self.expression(ASSIGNMENT)?;
            let below = node.height.max(source.height);
            return self.node(line, below, Kind::AssignReference(Box::new(node), Box::new(source)));
        }
        let value = self.expression(ASSIGNMENT)?;
        let below = node.height.max(value.height);
        self.node(line, below, Kind::Assign(Box::new(node), operator, Box::new(value)))
    }

    /// `(int)` and its like, taken; the inner `None` is a cast to an object.
    fn cast(&mut self) -> Option<Option<Cast>> {
        let (Some(Token::Name(name)), Some(Token::Punct(")"))) = (self.peek_at(1), self.peek_at(2)) else {
            return None;
        };
        let cast = match name.to_ascii_lowercase().as_str() {
            "bool" | "boolean" => Some(Cast::Bool),
            "int" | "integer" => Some(Cast::Int),
            "float" | "double" | "real" => Some(Cast::Float),
            "string" | "binary" => Some(Cast::Text),
            "array" => Some(Cast::Array),
            "object" | "unset" => None,
            _ => return None,
        };
        for _ in 0..3 {
            self.advance();
        }
        Some(cast)
    }

    fn postfix(&mut self, mut node: Node) -> Parsed<Node> {
        loop {
            let line = node.line;
            let below = node.height;
            let Some(Token::Punct(punct)) = self.peek() else {
                return Ok(node);
            };
            match *punct {
                "[" => {
                    self.advance();
                    let key = if self.is("]") { None } else { Some(Box::new(self.expression(0)?)) };
                    self.expect("]")?;
                    let below = below.max(key.as_ref().map_or(0, |key| key.height));
                    node = self.node(line, below, Kind::Index(Box::new(node), key))?;
                }
                "->" | "?->" | "::" => {
                    let is_static = *punct == "::";
                    self.advance();
                    node = self.member(node, is_static)?;
                }
                "(" => {
                    let arguments = self.arguments()?;
                    let below = tallest(&arguments).max(below);
                    let kind = match node.kind {
                        Kind::Constant(name) => Kind::Call(name, arguments),
                        Kind::Closure(function) if arguments.is_empty() => {
                            let callee = Node { line, height: below, kind: Kind::Closure(function) };
                            Kind::Opaque("a function without name".to_owned(), vec![callee])
                        }
                        kind => {
                            let callee = Node { line, height: node.height, kind };
                            let mut parts = vec![callee];
                            parts.extend(arguments.into_iter().map(|argument| argument.value));
                            Kind::Opaque("a call of a value".to_owned(), parts)
                        }
                    };
                    node = self.node(line, below, kind)?;
                }
                "++" | "--" => {
                    self.advance();
                    node = self.node(line, below, Kind::Step(Box::new(node)))?;
                }
                _ => return Ok(node),
            }
        }
    }

    /// A member of an object or class, behind `->` or `::`.
    fn member(&mut self, owner: Node, is_static: bool) -> Parsed<Node> {
        let line = owner.line;
        let below = owner.height;
        let owner_name = match &owner.kind {
            Kind::Constant(name) => name.clone(),
            Kind::Variable(name) => format!("${name}"),
            _ => String::new(),
        };
        let name = match self.peek() {
            Some(Token::Name(name) | Token::Variable(name)) => name.clone(),
            Some(Token::Punct("{")) => {
                self.skip_braces()?;
                return self.node(line, below, Kind::Opaque("a property".to_owned(), vec![owner]));
            }
            _ => return Err(self.refuse("a property is missing")),
        };
        self.advance();
        if !self.is("(") {
            let what = if is_static { "a constant of a class" } else { "a property" };
            let parts = if is_static { Vec::new() } else { vec![owner] };
            return self.node(line, below, Kind::Opaque(what.to_owned(), parts));
        }
        let arguments = self.arguments()?;
        let below = tallest(&arguments).max(below);
        let arrow = if is_static { "::" } else { "->" };
        let define = name.eq_ignore_ascii_case("define");
        let what = format!("{owner_name}{arrow}{name}()");
        let mut all = arguments;
        if !is_static {
            // The object stands last: it is evaluated for what it does, `define` looks at the first argument.
            all.push(Argument { value: owner, special: true });
        }
        self.node(line, below, Kind::Foreign { what, define, arguments: all })
    }

    fn arguments(&mut self) -> Parsed<Vec<Argument>> {
        self.expect("(")?;
        let mut arguments = Vec::new();
        while !self.eat(")") {
            let mut special = self.eat("...");
            if special && self.eat(")") {
                let nothing = self.node(self.line(), 0, Kind::Value(ConstValue::Null))?;
                arguments.push(Argument { value: nothing, special });
                return Ok(arguments);
            }
            if let (Some(Token::Name(_)), Some(Token::Punct(":"))) = (self.peek(), self.peek_at(1)) {
                self.advance();
                self.advance();
                special = true;
            }
            arguments.push(Argument { value: self.expression(0)?, special });
            if !self.is(")") {
                self.expect(",")?;
            }
        }
        Ok(arguments)
    }

    fn primary(&mut self) -> Parsed<Node> {
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
        let word = name.to_ascii_lowercase();
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
            "print" => self.expression(ASSIGNMENT),
            "throw" | "clone" | "yield" => {
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

fn tallest(arguments: &[Argument]) -> u16 {
    arguments.iter().map(|argument| argument.value.height).max().unwrap_or(0)
}

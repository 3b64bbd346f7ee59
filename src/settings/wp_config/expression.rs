//! Tokens into expressions, with PHP 8's precedences.
//!
//! What is outside the grammar of configurations (`yield`, properties) is still read, as [`Kind::Opaque`], so
//! that the statements around it survive.

use super::ast::{Argument, Cast, Kind, Node, Short};
use super::lexer::Token;
use super::parser::{Parsed, Parser};
use super::value::ConstValue;

/// Levels of one expression; left-leaning chains grow it without nesting.
const MAX_HEIGHT: u16 = 80;

/// Binding powers, weakest first; the right operand of a left-associative operator binds one tighter.
pub(super) const ASSIGNMENT: u8 = 7;
const TERNARY: u8 = 9;
const COALESCE: u8 = 11;
/// `==` and `<` with their like.
const NOT_CHAINED: [u8; 2] = [23, 25];
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

/// The operator of an assignment without its `=`: empty for the plain one.
fn assignment(token: Option<&Token>) -> Option<&'static str> {
    const KNOWN: &[&str] =
        &["=", ".=", "??=", "+=", "-=", "*=", "/=", "%=", "**=", "|=", "&=", "^=", "<<=", ">>="];
    match token {
        Some(Token::Punct(punct)) if KNOWN.contains(punct) => punct.strip_suffix('='),
        _ => None,
    }
}

impl Parser {
    /// A node above `below`, refused when the tree grows too tall.
    pub(super) fn node(&self, line: u32, below: u16, kind: Kind) -> Parsed<Node> {
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
                let next = parser.peek().and_then(binary);
                if NOT_CHAINED.contains(&power) && next.is_some_and(|(_, next)| next == power) {
                    return Err(parser.refuse("comparisons in a row need brackets"));
                }
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
                        return self.node(line, below, Kind::Cast(cast, Box::new(operand)));
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
        if operator.is_empty() && self.is("&") {
            self.advance();
            let source = self.expression(ASSIGNMENT)?;
            let below = node.height.max(source.height);
            return self.node(line, below, Kind::AssignReference(Box::new(node), Box::new(source)));
        }
        let value = self.expression(ASSIGNMENT)?;
        let below = node.height.max(value.height);
        self.node(line, below, Kind::Assign(Box::new(node), operator, Box::new(value)))
    }

    /// `(int)` and its like, taken; if there is one.
    fn cast(&mut self) -> Option<Cast> {
        let (Some(Token::Name(name)), Some(Token::Punct(")"))) = (self.peek_at(1), self.peek_at(2)) else {
            return None;
        };
        let cast = match name.to_ascii_lowercase().as_str() {
            "bool" | "boolean" => Cast::Bool,
            "int" | "integer" => Cast::Int,
            "float" | "double" | "real" => Cast::Float,
            "string" | "binary" => Cast::Text,
            "array" => Cast::Array,
            "object" | "unset" => Cast::Object,
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

    pub(super) fn arguments(&mut self) -> Parsed<Vec<Argument>> {
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
}

pub(super) fn tallest(arguments: &[Argument]) -> u16 {
    arguments.iter().map(|argument| argument.value.height).max().unwrap_or(0)
}

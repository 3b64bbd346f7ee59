//! The grammar of declarations: functions, classes (passed over), namespaces, constants, lists of variables.
//!
//! Statements that do something are in `statement.rs`.

use std::rc::Rc;

use super::ast::{Function, Parameter, Statement};
use super::lexer::Token;
use super::parser::{Parsed, Parser};

impl Parser {
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

    pub(super) fn class(&mut self) -> Parsed<Statement> {
        while !self.is("{") {
            if self.done() || self.is(";") {
                return Err(self.refuse("a class without body"));
            }
            self.advance();
        }
        self.skip_braces()?;
        Ok(Statement::Nothing)
    }

    pub(super) fn namespace(&mut self) -> Parsed<Statement> {
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

    pub(super) fn constants(&mut self) -> Parsed<Statement> {
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

    pub(super) fn variable_list(&mut self) -> Parsed<Vec<String>> {
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
}

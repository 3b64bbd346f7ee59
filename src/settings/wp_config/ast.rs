//! The tree the parser makes and the evaluator walks.
//!
//! Only shapes: no rule of PHP is written here.

use std::rc::Rc;

use super::value::ConstValue;

pub(super) type Block = Vec<Statement>;

/// An expression and the line it starts on.
pub(super) struct Node {
    pub(super) line: u32,
    /// Levels of nodes below this one, bounded so that walking and dropping cannot exhaust the stack.
    pub(super) height: u16,
    pub(super) kind: Kind,
}

pub(super) enum Kind {
    Value(ConstValue),
    /// A chain of `.`, or a string with variables in it.
    Concat(Vec<Node>),
    /// `(...)` around what would mean something else without.
    Bracketed(Box<Node>),
    Variable(String),
    /// `$$x`, `${'x'}`
    VariableVariable(Box<Node>),
    Constant(String),
    /// `__DIR__`, `__FILE__`
    Magic(Magic),
    Index(Box<Node>, Option<Box<Node>>),
    Array(Vec<Item>),
    Unary(&'static str, Box<Node>),
    Binary(&'static str, Box<Node>, Box<Node>),
    /// `&&`, `||`, `??`
    Short(Short, Box<Node>, Box<Node>),
    /// `a ? b : c`; `a ?: c` has no middle.
    Ternary(Box<Node>, Option<Box<Node>>, Box<Node>),
    Cast(Cast, Box<Node>),
    Isset(Vec<Node>),
    Empty(Box<Node>),
    /// The operator without its `=`: empty, `.`, `??`.
    Assign(Box<Node>, &'static str, Box<Node>),
    AssignReference(Box<Node>, Box<Node>),
    /// `++`, `--`
    Step(Box<Node>),
    Call(String, Vec<Argument>),
    Include(Include, Box<Node>),
    Eval(Box<Node>),
    Exit(Vec<Node>),
    Match(Box<Node>, Vec<(Vec<Node>, Node)>),
    Closure(Rc<Function>),
    /// A call on an object or a class, whose code is not looked at.
    Foreign {
        what: String,
        define: bool,
        arguments: Vec<Argument>,
    },
    /// Anything else: its parts are evaluated for what they do, its value is not known.
    Opaque(String, Vec<Node>),
}

#[derive(Clone, Copy)]
pub(super) enum Magic {
    Dir,
    File,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Short {
    And,
    Or,
    Coalesce,
}

#[derive(Clone, Copy)]
pub(super) enum Cast {
    Bool,
    Int,
    Float,
    Text,
    Array,
    Object,
}

#[derive(Clone, Copy)]
pub(super) struct Include {
    pub(super) once: bool,
    /// `require`: PHP stops when the file is missing.
    pub(super) required: bool,
}

pub(super) struct Item {
    pub(super) key: Option<Node>,
    pub(super) value: Node,
    /// `...$x` or `&$x`
    pub(super) special: bool,
}

pub(super) struct Argument {
    pub(super) value: Node,
    /// `name: $x`, `...$x` or `f(...)`
    pub(super) special: bool,
}

pub(super) struct Function {
    pub(super) name: String,
    pub(super) parameters: Vec<Parameter>,
    pub(super) returns: Option<String>,
    pub(super) body: Block,
}

pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) kind: Option<String>,
    pub(super) default: Option<Node>,
    /// By reference or variadic.
    pub(super) special: bool,
}

pub(super) enum Statement {
    Expression(Node),
    Echo(Vec<Node>),
    Const(Vec<(String, Node)>),
    Block(Block),
    If(Vec<(Node, Block)>, Option<Block>),
    /// `while`, `do`, `for`: the expressions of the head, and the body.
    Loop(u32, Vec<Node>, Block),
    Foreach {
        subject: Node,
        key: Option<Node>,
        value: Node,
        by_reference: bool,
        body: Block,
    },
    Switch(Node, Vec<(Option<Node>, Block)>),
    Try(u32, Vec<Block>, Option<Block>),
    Return(Option<Node>),
    /// `break` and `continue`, with how many loops they leave.
    Break(usize),
    Continue(usize),
    Function(Rc<Function>),
    Global(Vec<String>),
    Unset(Vec<Node>),
    /// `static $x = ...;`
    Static(Vec<String>),
    /// Nothing that could matter: classes, `use`, `declare`.
    Nothing,
    Broken(Broken),
}

/// A statement that could not be read, and what it may have done.
pub(super) struct Broken {
    pub(super) line: u32,
    pub(super) reason: String,
    pub(super) constants: Vec<String>,
    pub(super) variables: Vec<String>,
    /// It may have done anything.
    pub(super) anything: bool,
}

impl Node {
    /// True for what may stand at the left of `=`.
    pub(super) fn is_target(&self) -> bool {
        match &self.kind {
            Kind::Variable(_) | Kind::VariableVariable(_) | Kind::Index(..) => true,
            Kind::Array(items) => items.iter().all(|item| item.value.is_target()),
            Kind::Opaque(what, _) => what == "a property",
            _ => false,
        }
    }
}

//! Calls: the functions that define, read the environment or look at files, and functions of the file itself.
//!
//! Functions that only compute are in `library.rs`.

use super::ast::{Argument, Kind};
use super::bytes;
use super::evaluator::{Declared, Entry, Evaluator, Flow, Frame, Known, Source, Unknown};
use super::files::Presence;
use super::library;
use super::operator;
use super::value::ConstValue;
use super::variables::text;

/// Constants WordPress defines before the configuration on some requests and not on others.
const BY_REQUEST: &[&str] = &[
    "WP_ADMIN",
    "WP_NETWORK_ADMIN",
    "WP_USER_ADMIN",
    "WP_BLOG_ADMIN",
    "WP_USE_THEMES",
    "DOING_AJAX",
    "DOING_CRON",
    "XMLRPC_REQUEST",
    "IFRAME_REQUEST",
    "WP_INSTALLING",
    "WP_LOAD_IMPORTERS",
    "WP_REPAIRING",
    "WP_UNINSTALL_PLUGIN",
    "WP_INSTALLING_NETWORK",
    "SHORTINIT",
    "APP_REQUEST",
    "COMMENTS_TEMPLATE",
];

/// Names PHP and its extensions may define.
const OF_PHP: &[&str] = &[
    "PHP_",
    "E_",
    "M_",
    "MYSQLI_",
    "CURL",
    "LIBXML_",
    "JSON_",
    "FILTER_",
    "SORT_",
    "LOCK_",
    "OPENSSL_",
    "STD",
    "LOG_",
    "INI_",
    "OPCACHE_",
    "PREG_",
    "FILE_",
    "ENT_",
    "PASSWORD_",
];

impl Evaluator<'_> {
    pub(super) fn call(&mut self, line: u32, name: &str, arguments: &[Argument]) -> Known {
        let name = name.trim_start_matches('\\').to_ascii_lowercase();
        let declared = self.functions.get(&name).cloned();
        if let (Some(declared), false) = (&declared, name == "define") {
            let answer = self.call_declared(line, declared, arguments);
            // Docker's helper is known by its meaning, should its text have a form that is not followed.
            if answer.is_ok() || name != "getenv_docker" {
                return answer;
            }
        }
        let values: Vec<Known> = arguments.iter().map(|argument| self.value(&argument.value)).collect();
        if arguments.iter().any(|argument| argument.special) {
            let why = self.unknown(line, format!("calls {name}() with named or spread arguments"));
            if name == "define" {
                self.doubt_all(&why);
            }
            return self.opaque_call(arguments, why);
        }
        if let Some(answer) = self.known_function(line, &name, &values) {
            return answer;
        }
        let why = self.unknown(line, format!("calls {name}(), which is not evaluated"));
        if !library::knows(&name) {
            return self.opaque_call(arguments, why);
        }
        let values = values.into_iter().collect::<Known<Vec<ConstValue>>>()?;
        self.pay(line, values.iter().map(ConstValue::weight).sum())?;
        let value = library::call(&name, &values).ok_or_else(|| {
            self.unknown(line, format!("calls {name}() with arguments that are not supported"))
        })?;
        self.sized(line, value)
    }

    /// Nothing is known of the function: it may have taken its variables by reference.
    fn opaque_call(&mut self, arguments: &[Argument], why: Unknown) -> Known {
        for argument in arguments {
            if let Kind::Variable(_) | Kind::Index(..) = &argument.value.kind {
                self.assign(&argument.value, Err(why.clone()));
            }
        }
        Err(why)
    }

    /// A call on an object or class: `X::define()` sets a constant, and libraries load `.env` files.
    pub(super) fn foreign(&mut self, line: u32, what: &str, define: bool, arguments: &[Argument]) -> Known {
        let values: Vec<Known> = arguments.iter().map(|argument| self.value(&argument.value)).collect();
        let why = self.unknown(line, format!("calls {what}, which is not evaluated"));
        if define {
            match values.into_iter().next() {
                Some(Ok(ConstValue::Str(name))) => {
                    let name = String::from_utf8_lossy(&name).into_owned();
                    self.under(&why, |this| drop(this.define(&name, Err(why.clone()), line)));
                }
                _ => self.doubt_all(&why),
            }
        }
        self.env_doubt.get_or_insert_with(|| why.clone());
        self.opaque_call(arguments, why)
    }

    /// A function of the file itself.
    fn call_declared(&mut self, line: u32, declared: &Declared, arguments: &[Argument]) -> Known {
        let function = declared.function.clone();
        let values: Vec<Known> = arguments.iter().map(|argument| self.value(&argument.value)).collect();
        let special = arguments.iter().any(|argument| argument.special)
            || function.parameters.iter().any(|parameter| parameter.special);
        let why = self.unknown(line, format!("calls {}(), which is not evaluated", function.name));
        self.files.push(declared.file.clone());
        let answer = if special || !declared.certain {
            self.walk_function(&function, &why);
            Err(why.clone())
        } else {
            self.enter(line, declared, values, &why)
        };
        self.files.pop();
        if special {
            return self.opaque_call(arguments, why);
        }
        answer
    }

    fn enter(&mut self, line: u32, declared: &Declared, values: Vec<Known>, why: &Unknown) -> Known {
        let function = &declared.function;
        let mut frame = Frame::default();
        let mut values = values.into_iter();
        for parameter in &function.parameters {
            self.pay(line, 0)?;
            let value = match (values.next(), &parameter.default) {
                (Some(value), _) => value,
                (None, Some(default)) => self.value(default),
                (None, None) => Err(why.clone()),
            };
            // A parameter's type may turn a value into another; that is not followed.
            let value = value.and_then(|value| match &parameter.kind {
                Some(kind) if !fits(kind, &value) => Err(why.clone()),
                _ => Ok(value),
            });
            frame.variables.insert(parameter.name.clone(), value);
        }
        self.frames.push(frame);
        let flow = self.deeper(line, |this| this.run(&function.body));
        self.frames.pop();
        let value = match flow? {
            Flow::Return(value) => value?,
            Flow::Maybe(why) | Flow::MaybeBreak(why) => return Err(why),
            Flow::Next | Flow::Break(_) | Flow::Continue(_) => ConstValue::Null,
        };
        match &function.returns {
            Some(kind) if !fits(kind, &value) => Err(why.clone()),
            _ => Ok(value),
        }
    }

    fn known_function(&mut self, line: u32, name: &str, values: &[Known]) -> Option<Known> {
        Some(match (name, values) {
            ("define", [name, value, ..]) => self.call_define(line, name, value),
            ("defined", [name]) => {
                name.clone().and_then(|name| self.defined(line, &text(&name))).map(ConstValue::Bool)
            }
            ("constant", [name]) => name.clone().and_then(|name| self.constant_named(line, &text(&name))),
            ("getenv", [Ok(ConstValue::Null)]) => Err(self.unknown(line, "reads the whole environment")),
            ("getenv", [name]) => name.clone().and_then(|name| {
                let value = self.environment(line, Source::Getenv, &text(&name))?;
                Ok(value.unwrap_or(ConstValue::Bool(false)))
            }),
            ("getenv_docker", [name, default]) => {
                name.clone().and_then(|name| self.getenv_docker(line, &text(&name), default))
            }
            ("putenv", [setting]) => self.putenv(line, setting),
            ("function_exists", [name]) => {
                name.clone().and_then(|name| self.function_exists(line, &text(&name)))
            }
            ("file_exists", [path]) => self.look(line, path, |found| found != Presence::Missing),
            ("is_file", [path]) => self.look(line, path, |found| found == Presence::File),
            ("is_dir", [path]) => self.look(line, path, |found| found == Presence::Folder),
            ("is_readable", [path]) => self.is_readable(line, path),
            ("realpath", [path]) => self.real_path(line, path),
            ("file_get_contents", [path]) => path.clone().and_then(|path| {
                let path = self.local_path(line, &path)?;
                self.contents(line, &path, "file_get_contents()")
            }),
            ("dirname", [path]) => {
                path.clone().and_then(|path| self.dirname(line, &path, &ConstValue::Int(1)))
            }
            ("dirname", [path, levels]) => match (path, levels) {
                (Ok(path), Ok(levels)) => self.dirname(line, path, levels),
                (Err(why), _) | (_, Err(why)) => Err(why.clone()),
            },
            ("extract" | "parse_str", _) => {
                let why = self.unknown(line, format!("calls {name}(), which sets variables"));
                self.forget_variables(&why);
                Err(why)
            }
            ("call_user_func" | "call_user_func_array" | "define" | "putenv" | "eval", _) => {
                let why = self.unknown(line, format!("calls {name}() in a way that is not evaluated"));
                self.doubt_all(&why);
                Err(why)
            }
            _ => return None,
        })
    }

    fn call_define(&mut self, line: u32, name: &Known, value: &Known) -> Known {
        match name {
            Ok(ConstValue::Str(name)) => {
                let name = String::from_utf8_lossy(name).into_owned();
                self.define(&name, value.clone(), line)
            }
            Ok(_) => Err(self.unknown(line, "defines a constant whose name is no string")),
            Err(why) => {
                let reason = format!("defines a constant whose name is not known, as that {}", why.reason);
                let why = self.unknown(line, reason);
                self.doubt_all(&why);
                Err(why)
            }
        }
    }

    fn defined(&mut self, line: u32, name: &str) -> Known<bool> {
        match self.constants.get(name) {
            Some(Entry::Known(_) | Entry::Unknown { certain: true, .. }) => return Ok(true),
            Some(Entry::Unknown { why, .. }) => return Err(why.clone()),
            None => {}
        }
        if operator::builtin_constant(name).is_some() {
            return Ok(true);
        }
        if BY_REQUEST.contains(&name) {
            return Err(self.unknown(line, format!("asks for {name}, which depends on the request")));
        }
        if OF_PHP.iter().any(|prefix| name.starts_with(prefix)) || name.contains("::") {
            return Err(self.unknown(line, format!("asks for {name}, which depends on PHP")));
        }
        match &self.anything {
            Some(why) => Err(why.clone()),
            None => Ok(false),
        }
    }

    fn constant_named(&mut self, line: u32, name: &str) -> Known {
        match self.constants.get(name) {
            Some(Entry::Known(constant)) => {
                let value = constant.value.clone();
                self.sized(line, value)
            }
            Some(Entry::Unknown { why, .. }) => Err(why.clone()),
            None => operator::builtin_constant(name)
                .ok_or_else(|| self.unknown(line, "calls constant() for one that is not known here")),
        }
    }

    /// The meaning of the official image's helper: NAME_FILE's content, else NAME, else the default.
    fn getenv_docker(&mut self, line: u32, name: &str, default: &Known) -> Known {
        let file = self.environment(line, Source::Getenv, &format!("{name}_FILE"))?;
        if let Some(path) = file.filter(ConstValue::truthy) {
            let path = self.local_path(line, &path)?;
            let contents = self.contents(line, &path, &format!("the file named by {name}_FILE"))?;
            return Ok(ConstValue::Str(bytes::trim_end(&contents.to_bytes().unwrap_or_default(), b"\r\n")));
        }
        match self.environment(line, Source::Getenv, name)? {
            Some(value) => Ok(value),
            None => default.clone(),
        }
    }

    fn putenv(&mut self, line: u32, setting: &Known) -> Known {
        let doubt = match setting {
            Ok(setting) => {
                let setting = text(setting);
                let (name, value) = match setting.split_once('=') {
                    Some((name, value)) => (name, Some(ConstValue::str(value))),
                    None => (setting.as_str(), None),
                };
                // Whether PHP had made `$_ENV` and `$_SERVER` before depends on its settings.
                let why = self.unknown(line, format!("reads {name}, which putenv() has changed"));
                self.overlay_environment(Source::Getenv, name, Ok(value));
                self.overlay_environment(Source::Env, name, Err(why.clone()));
                self.overlay_environment(Source::Server, name, Err(why));
                return Ok(ConstValue::Bool(true));
            }
            Err(why) => {
                self.unknown(line, format!("calls putenv() with what is not known, as that {}", why.reason))
            }
        };
        self.env_doubt.get_or_insert_with(|| doubt.clone());
        Err(doubt)
    }

    fn function_exists(&mut self, line: u32, name: &str) -> Known {
        let name = name.trim_start_matches('\\').to_ascii_lowercase();
        match self.functions.get(&name) {
            Some(declared) if declared.certain => Ok(ConstValue::Bool(true)),
            None if name == "getenv_docker" => Ok(ConstValue::Bool(false)),
            None if library::knows(&name)
                || ["define", "defined", "getenv", "putenv"].contains(&name.as_str()) =>
            {
                Ok(ConstValue::Bool(true))
            }
            _ => Err(self.unknown(line, format!("asks whether there is a function {name}()"))),
        }
    }
}

/// True when a declared type takes the value as it is.
fn fits(kind: &str, value: &ConstValue) -> bool {
    kind.split('|').any(|one| {
        let one = one.trim_start_matches('\\');
        one == "mixed"
            || one == value.kind()
            || matches!((one, value), ("false", ConstValue::Bool(false)) | ("true", ConstValue::Bool(true)))
            || (one == "void" && *value == ConstValue::Null)
    })
}

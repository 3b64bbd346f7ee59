//! Objects as data. Their classes are unknown here and never loaded.

use super::PhpArray;

/// An object of a stored blob.
#[derive(Clone, Debug, PartialEq)]
pub struct PhpObject {
    /// The class name as written.
    pub class: Vec<u8>,
    /// The properties in order. Names are kept as written: `"\0*\0name"` is protected, `"\0Class\0name"`
    /// private, and a name like `5` is not made an int, for classes with `__serialize` tell `5` and `"5"` apart.
    pub properties: PhpArray,
    /// How the blob writes it.
    pub form: ObjectForm,
}

/// The ways to write an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObjectForm {
    /// `O:` - properties.
    Properties,
    /// `C:` - bytes that only the class understands; there are no properties.
    Custom(Vec<u8>),
    /// `E:` - a case of an enum, by name; there are no properties.
    Case(Vec<u8>),
}

impl PhpObject {
    /// An object with properties.
    #[must_use]
    pub fn new(class: impl Into<Vec<u8>>, properties: PhpArray) -> Self {
        Self { class: class.into(), properties, form: ObjectForm::Properties }
    }
}

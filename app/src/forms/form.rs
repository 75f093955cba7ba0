//! What a form carries.

#[cfg(feature = "ssr")]
use super::Declaration;

/// The fields of a form as they were sent: text in its order with repeated names, and files. Each function reads what it
/// declares; what a field may be is decided by the engine, which names the fields it does not take.
#[derive(Debug, Default)]
pub struct Form {
    /// The function that reads it.
    #[cfg(feature = "ssr")]
    pub(super) declaration: Option<&'static Declaration>,
    #[cfg(feature = "ssr")]
    pub(super) fields: Vec<(String, String)>,
    #[cfg(feature = "ssr")]
    pub(super) files: Vec<(String, Vec<u8>)>,
}

#[cfg(feature = "ssr")]
impl Form {
    /// That the function declares what it asks for, so that what is said of its form is true: whoever forgot it hears of it before
    /// anybody else uses the function.
    fn is_declared(&self, name: &str, many: bool, file: bool) {
        let Some(declaration) = self.declaration else { return };
        debug_assert!(
            declaration.fields().any(|field| field.name == name && field.many == many && field.file == file),
            "{} reads {name} (several: {many}, a file: {file}), which it does not declare",
            declaration.name(),
        );
    }

    /// What was typed into a field; empty when it is not there.
    pub fn text(&self, name: &str) -> &str {
        self.is_declared(name, false, false);
        self.values(name).next().unwrap_or_default()
    }

    /// What was typed into every field of one name, in their order.
    pub fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        self.is_declared(name, true, false);
        self.values(name)
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Whether a box is ticked.
    pub fn ticked(&self, name: &str) -> bool {
        !matches!(self.text(name), "" | "false" | "0")
    }

    /// In which language whoever sends it is written to, by its code: what the hidden field `lang` says.
    pub fn lang(&self) -> &'static str {
        if self.text("lang") == "en" { "en" } else { "ko" }
    }

    /// What a hidden field names: an id, a number, one of a list.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] when it is not there or names nothing.
    pub fn named<T: std::str::FromStr>(&self, name: &str) -> Result<T, model::Error> {
        self.text(name).parse().map_err(|_| model::Error::NotFound)
    }

    /// Takes a file out; `None` when none was chosen.
    pub fn file(&mut self, name: &str) -> Option<Vec<u8>> {
        self.is_declared(name, false, true);
        let at = self.files.iter().position(|(field, bytes)| field == name && !bytes.is_empty())?;
        Some(self.files.swap_remove(at).1)
    }

    /// Takes every file of a field out, in the order in which they were chosen.
    pub fn files(&mut self, name: &str) -> Vec<Vec<u8>> {
        self.is_declared(name, true, true);
        let of_field = self.files.extract_if(.., |(field, bytes)| field == name && !bytes.is_empty());
        of_field.map(|(_, bytes)| bytes).collect()
    }
}

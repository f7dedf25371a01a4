//! What an application says of a part: annotations and exceptions. The sections `http`, `aws` and
//! `sql` are said in the shapes of the format itself.

use std::backtrace::Backtrace;
use std::borrow::Cow;
use std::error::Error;
use std::panic::Location;

use wire::SegmentId;
use wire::segment::{Exception as Document, Frame};
use wire::value::{Number, Scalar};

/// The longest text of an annotation, in characters. Source: the schema of segment documents.
const ANNOTATION_CHARS_MAX: usize = 1000;

/// The longest key of an annotation, in characters. Source: the schema of segment documents.
const KEY_CHARS_MAX: usize = 500;

/// Causes that are followed behind an error.
const CAUSES_MAX: usize = 16;

/// Frames that are kept of a stack.
const FRAMES_MAX: usize = 50;

/// The value of an annotation: text, a number or a flag.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation(pub(crate) Scalar<'static>);

#[cfg(feature = "tracing")]
impl Annotation {
    /// Returns the value as text.
    pub(crate) fn text(self) -> Cow<'static, str> {
        match self.0 {
            Scalar::Text(text) => text,
            other => wire::json::encode(&other).into(),
        }
    }
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl From<$type> for Annotation {
            fn from(value: $type) -> Self {
                let number = i64::try_from(value).map_or(Number::Float(value as f64), Number::Integer);
                Self(Scalar::Number(number))
            }
        }
    )*};
}
integers!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

impl From<f64> for Annotation {
    /// Takes a number; one that JSON has no word for becomes text.
    fn from(value: f64) -> Self {
        if value.is_finite() {
            Self(Scalar::Number(Number::Float(value)))
        } else {
            Self::from(value.to_string())
        }
    }
}

impl From<f32> for Annotation {
    fn from(value: f32) -> Self {
        Self::from(f64::from(value))
    }
}

impl From<bool> for Annotation {
    fn from(value: bool) -> Self {
        Self(Scalar::Flag(value))
    }
}

impl From<Cow<'static, str>> for Annotation {
    fn from(text: Cow<'static, str>) -> Self {
        Self(Scalar::Text(match text.char_indices().nth(ANNOTATION_CHARS_MAX) {
            None => text,
            Some((end, _)) => Cow::Owned(text[..end].to_owned()),
        }))
    }
}

impl From<String> for Annotation {
    fn from(text: String) -> Self {
        Self::from(Cow::Owned(text))
    }
}

impl From<&str> for Annotation {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

/// Returns a key of an annotation as the format knows it: other characters become `_`.
pub(crate) fn sanitize_key(key: Cow<'static, str>) -> Cow<'static, str> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    if !key.is_empty() && key.len() <= KEY_CHARS_MAX && key.chars().all(is_allowed) {
        return key;
    }
    let key: String =
        key.chars().map(|c| if is_allowed(c) { c } else { '_' }).take(KEY_CHARS_MAX).collect();
    if key.is_empty() { Cow::Borrowed("_") } else { Cow::Owned(key) }
}

/// Something that went wrong.
#[derive(Clone, Debug, Default)]
pub struct Exception {
    /// Its type.
    pub kind: Cow<'static, str>,
    /// Its message.
    pub message: Cow<'static, str>,
    /// Whether a callee raised it.
    pub is_remote: bool,
    /// Where it was raised, innermost frame first.
    pub stack: Vec<Frame<'static>>,
}

impl Exception {
    /// Returns an exception of `kind` that says `message`.
    pub fn new(kind: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: kind.into(), message: message.into(), ..Self::default() }
    }

    /// Returns an error and the errors behind it, the outermost first.
    pub fn chain(error: &(dyn Error + 'static)) -> Vec<Self> {
        std::iter::successors(Some(error), |error: &&(dyn Error + 'static)| (*error).source())
            .take(CAUSES_MAX)
            .map(|error| Self::new(kind_of(error), error.to_string()))
            .collect()
    }

    /// Takes its stack from a backtrace; of one that was not captured there is none.
    #[must_use]
    pub fn with_backtrace(mut self, backtrace: &Backtrace) -> Self {
        self.stack = frames(&backtrace.to_string());
        self
    }

    /// Puts the place in the source on top of its stack.
    #[must_use]
    pub fn at(mut self, location: &Location<'_>) -> Self {
        let path = Cow::Owned(location.file().to_owned());
        self.stack.insert(0, frame(Some(path), Some(location.line()), None));
        self
    }

    /// Returns the exception as a document has it.
    pub(crate) fn document(self, id: SegmentId, cause: Option<SegmentId>) -> Document<'static> {
        let left_out = self.stack.len().saturating_sub(FRAMES_MAX);
        let mut stack = self.stack;
        stack.truncate(FRAMES_MAX);
        Document {
            id: Some(id.to_string().into()),
            message: Some(self.message),
            kind: Some(self.kind),
            remote: self.is_remote.then_some(true),
            truncated: (left_out > 0).then(|| i64::try_from(left_out).unwrap_or(i64::MAX)),
            skipped: None,
            cause: cause.map(|cause| cause.to_string().into()),
            stack,
            others: Vec::new(),
        }
    }
}

/// Returns a frame of a stack.
fn frame(
    path: Option<Cow<'static, str>>,
    line: Option<u32>,
    label: Option<String>,
) -> Frame<'static> {
    Frame { path, line: line.map(i64::from), label: label.map(Cow::Owned), others: Vec::new() }
}

/// Returns what an error of an unknown type is called: the word with which its debug form begins,
/// which is the name of the type or of the variant.
fn kind_of(error: &(dyn Error + 'static)) -> String {
    let debug = format!("{error:?}");
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let word = debug.split(|c| !is_part(c)).next().unwrap_or("");
    let is_name = word.starts_with(char::is_alphabetic);
    if is_name { word.to_owned() } else { "error".to_owned() }
}

/// Reads the frames of a backtrace as it is printed: a number and a function, then its place.
fn frames(text: &str) -> Vec<Frame<'static>> {
    let mut frames: Vec<Frame<'static>> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(place) = line.strip_prefix("at ") {
            if let Some(frame) = frames.last_mut() {
                let mut parts = place.rsplitn(3, ':');
                let (_column, line, path) = (parts.next(), parts.next(), parts.next());
                frame.path = path.map(|path| Cow::Owned(path.to_owned()));
                frame.line = line.and_then(|line| line.parse().ok());
            }
        } else if let Some((number, function)) = line.split_once(": ")
            && number.parse::<u32>().is_ok()
        {
            frames.push(frame(None, None, Some(function.to_owned())));
        }
    }
    frames
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_become_what_the_format_takes() {
        assert_eq!(sanitize_key("cart.size_2".into()), "cart.size_2");
        assert_eq!(sanitize_key("cart size-ü".into()), "cart_size__");
        assert_eq!(sanitize_key("".into()), "_");
        assert_eq!(sanitize_key("k".repeat(600).into()).len(), KEY_CHARS_MAX);
        assert_eq!(Annotation::from(7_u64).0, Scalar::Number(Number::Integer(7)));
        assert_eq!(Annotation::from(u64::MAX).0, Scalar::Number(Number::Float(u64::MAX as f64)));
        assert_eq!(Annotation::from(f64::NAN).0, Scalar::Text("NaN".into()));
        let long = Annotation::from("ü".repeat(2000)).0;
        assert_eq!(long, Scalar::Text("ü".repeat(ANNOTATION_CHARS_MAX).into()));
    }

    #[test]
    fn errors_are_followed_to_their_source() {
        #[derive(Debug, thiserror::Error)]
        #[error("pay the bill")]
        struct Unpaid(#[source] std::num::ParseIntError);
        let error = Unpaid("x".parse::<u8>().expect_err("no number"));
        let chain = Exception::chain(&error);
        let said: Vec<_> = chain.iter().map(|it| (&*it.kind, &*it.message)).collect();
        let expected =
            [("Unpaid", "pay the bill"), ("ParseIntError", "invalid digit found in string")];
        assert_eq!(said, expected);
    }

    #[test]
    fn backtraces_are_read_as_they_are_printed() {
        let text = "   0: shop::pay\n             at ./src/shop.rs:12:9\n   1: main\n";
        let stack = frames(text);
        let read: Vec<_> =
            stack.iter().map(|it| (it.label.as_deref(), it.path.as_deref(), it.line)).collect();
        let expected =
            [(Some("shop::pay"), Some("./src/shop.rs"), Some(12)), (Some("main"), None, None)];
        assert_eq!(read, expected);
        let here = Exception::new("a", "b").with_backtrace(&Backtrace::force_capture());
        assert!(here.stack.len() > 3, "{here:?}");
    }
}

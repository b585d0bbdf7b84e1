//! A text that comes with this crate: three plays by William Shakespeare.

use std::io::Read;

use flate2::read::GzDecoder;

static PLAYS: &[u8] = include_bytes!("../assets/shakespeare.txt.gz");

/// Hamlet, Macbeth, and Romeo and Juliet by William Shakespeare: 419,129 characters of ASCII, 73
/// different ones.
///
/// The plays are in the public domain. The text is Project Gutenberg's of 1998, as distributed by
/// the Open Knowledge Foundation with its package Open Shakespeare.
///
/// # Examples
///
/// ```
/// use data::read::Vocabulary;
/// use data::shakespeare;
///
/// let text = shakespeare();
/// assert!(text.starts_with("HAMLET, PRINCE OF DENMARK"));
/// assert!(text.contains("To be, or not to be,--that is the question:--"));
/// let vocabulary = Vocabulary::of(&text);
/// let codes = vocabulary.encode(&text).expect("it is a vocabulary of this text");
/// assert_eq!((codes.numel(), vocabulary.len()), (419_129, 73));
/// ```
pub fn shakespeare() -> String {
    let mut text = String::new();
    GzDecoder::new(PLAYS).read_to_string(&mut text).expect("the file in the crate is intact");
    text
}

//! The plays, divided once and for all.

use chainrule::Tensor;
use chainrule::data::read::Vocabulary;
use chainrule::data::{Rows, shakespeare};

/// The characters that occur, and the text as their numbers: what is trained on, and the last tenth.
pub fn split() -> (Vocabulary, [Tensor; 2]) {
    let text = shakespeare();
    let vocabulary = Vocabulary::of(&text);
    let codes = vocabulary.encode(&text).expect("it is a vocabulary of this text");
    let last = codes.numel() / 10;
    let first = codes.numel() - last;
    (vocabulary, [codes.narrow(0, 0, first), codes.narrow(0, first as isize, last)])
}

/// The text in pieces of this length, each with what follows on its characters; what is left at the
/// end is left out.
pub fn pieces(codes: &Tensor, length: usize) -> Rows<2> {
    let count = (codes.numel() - 1) / length;
    Rows::new([0, 1].map(|start| {
        codes.narrow(0, start, count * length).reshape(&[count as isize, length as isize])
    }))
}

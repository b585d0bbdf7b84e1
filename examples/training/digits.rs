//! The handwritten digits, divided once and for all.

use chainrule::data::{Rows, digits};
use chainrule::{Generator, Tensor};

/// Which images are tested on: `tools/digits_split.py` wrote it.
static TEST: &str = include_str!("../models/digits_test.txt");

/// 1,437 images `[1, 8, 8]` from 0 to 1 with their labels to train on, and 360 to test on.
///
/// No test image may choose anything: neither when training ends nor a number in it.
pub fn split() -> [Rows<2>; 2] {
    let digits = digits();
    let [images, labels] = digits.tensors();
    let images = (images / 16.0).unsqueeze(1);
    let is_number = "the file has numbers";
    let test: Vec<i64> = TEST.split_whitespace().map(|n| n.parse().expect(is_number)).collect();
    let train: Vec<i64> = (0..1797).filter(|n| !test.contains(n)).collect();
    [train, test].map(|positions| {
        let positions = Tensor::from(positions);
        Rows::new([images.index_select(0, &positions), labels.index_select(0, &positions)])
    })
}

/// Each image `[n, 1, 8, 8]` moved by up to one pixel along both axes; zeros come in from outside.
pub fn shifted(images: &Tensor, rng: &mut Generator) -> Tensor {
    let samples = images.shape()[0];
    let padded = images.pad(&[1, 1, 1, 1], 0.0);
    let starts = rng.randint(&[2 * samples], 0, 3, chainrule::DType::I64).to_vec::<i64>();
    let moved: Vec<Tensor> = starts
        .chunks_exact(2)
        .zip(0..)
        .map(|(start, sample)| {
            let image = padded.select(0, sample);
            image.narrow(1, start[0] as isize, 8).narrow(2, start[1] as isize, 8)
        })
        .collect();
    Tensor::stack(&moved, 0)
}

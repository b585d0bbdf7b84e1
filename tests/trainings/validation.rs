//! A training as long as the example's; without optimisation it would take too long.

use chainrule::data::{Collate, Dataset};
use chainrule::nn::Pass;
use chainrule::{DType, no_grad};

use crate::char_lm::CONTEXT;
use crate::problem::{self, loss};
use crate::reference::Reference;
use crate::text;

#[test]
fn char_lm_reaches_pytorchs_validation_loss() {
    let reference = Reference::read("validation");
    let problem = problem::char_lm();
    let model = problem.model(DType::F32);
    problem.train(&*model, &reference, reference.count("steps"));

    let _guard = no_grad();
    let (_, [_, text]) = text::split();
    let pieces = text::pieces(&text, CONTEXT);
    let items = (0..pieces.len()).map(|piece| pieces.get(piece).unwrap()).collect();
    let ours = loss(&*model, &Collate::collate(items), &mut Pass::eval()).item();
    for (way, theirs) in reference.losses() {
        let ratio = ours / theirs;
        eprintln!("char_lm: validation loss {ours:.4}, PyTorch {theirs:.4} ({way}): {ratio:.4}");
        assert!((ratio - 1.0).abs() <= 0.01, "{ours}, not {theirs} ({way})");
    }
}

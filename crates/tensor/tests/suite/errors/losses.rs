//! Mistakes in calling losses: shapes, dtypes, labels, weights.

use tensor::{
    BinaryLogitsOptions, CrossEntropyOptions, CtcOptions, DType, GaussianNllOptions, KlDivOptions,
    MultiMarginOptions, PoissonNllOptions, Reduction, Tensor, TripletMarginOptions,
};

use super::catch::panics;

fn f32s(shape: &[usize]) -> Tensor {
    Tensor::ones(shape, DType::F32)
}

fn i64s(shape: &[usize]) -> Tensor {
    Tensor::ones(shape, DType::I64)
}

#[test]
fn nothing_broadcasts_between_input_and_target() {
    let (x, t, mean) = (f32s(&[2, 1]), f32s(&[2]), Reduction::Mean);
    let text = |name: &str| format!("{name}: input and target differ in shape: [2, 1] and [2]");
    panics(&text("l1_loss"), || x.l1_loss(&t, mean));
    panics(&text("smooth_l1_loss"), || x.smooth_l1_loss(&t, mean, 1.0));
    panics(&text("huber_loss"), || x.huber_loss(&t, mean, 1.0));
    panics(&text("binary_cross_entropy"), || x.binary_cross_entropy(&t, None, mean));
    panics(&text("binary_cross_entropy_with_logits"), || {
        x.binary_cross_entropy_with_logits(&t, &BinaryLogitsOptions::default())
    });
    panics(&text("kl_div"), || x.kl_div(&t, KlDivOptions::default()));
    panics(&text("poisson_nll_loss"), || x.poisson_nll_loss(&t, PoissonNllOptions::default()));
    panics(&text("gaussian_nll_loss"), || {
        x.gaussian_nll_loss(&t, &t, GaussianNllOptions::default())
    });
    panics(&text("cross_entropy"), || x.cross_entropy(&t, &CrossEntropyOptions::default()));
    panics(&text("soft_margin_loss"), || x.soft_margin_loss(&t, mean));
    panics(&text("margin_ranking_loss"), || x.margin_ranking_loss(&x, &t, 1.0, mean));
    panics(&text("hinge_embedding_loss"), || x.hinge_embedding_loss(&t, 1.0, mean));
    panics(&text("multilabel_soft_margin_loss"), || x.multilabel_soft_margin_loss(&t, None, mean));
    let text = "multilabel_margin_loss: shapes do not fit: [2, 1] and [2]";
    panics(text, || x.multilabel_margin_loss(&i64s(&[2]), mean));
    let text = "triplet_margin_loss: shapes do not fit: [2, 1], [2] and [2, 1]";
    panics(text, || x.triplet_margin_loss(&t, &x, TripletMarginOptions::default()));
    let text = "cosine_embedding_loss: shapes do not fit: [2, 1] and [2, 1] for [2, 1]";
    panics(text, || x.cosine_embedding_loss(&x, &x, 0.0, mean));
}

#[test]
fn losses_need_floats_of_one_dtype() {
    let (x, i) = (f32s(&[2]), i64s(&[2]));
    let text = "l1_loss: needs a floating-point dtype: got i64";
    panics(text, || i.l1_loss(&i, Reduction::Mean));
    let text = "huber_loss: dtypes differ: f32 and i64; convert one with to_dtype";
    panics(text, || x.huber_loss(&i, Reduction::Mean, 1.0));
    panics("nll_loss: the labels are not i64: got f32", || {
        f32s(&[2, 2]).nll_loss(&x, &CrossEntropyOptions::default())
    });
    panics("nll_loss: needs a floating-point dtype: got i64", || {
        i64s(&[2, 2]).nll_loss(&i, &CrossEntropyOptions::default())
    });
}

#[test]
fn labels_are_classes() {
    let x = f32s(&[2, 3]);
    let o = CrossEntropyOptions::default;
    let text = |name: &str| format!("{name}: label out of range: 3 at position 1 for 3 classes");
    let target = Tensor::from([0_i64, 3]);
    panics(&text("cross_entropy"), || x.cross_entropy(&target, &o()));
    panics(&text("nll_loss"), || x.nll_loss(&target, &o()));
    panics(&text("multi_margin_loss"), || {
        x.multi_margin_loss(&target, MultiMarginOptions::default())
    });
    let text = "cross_entropy: label out of range: -1 at position 0 for 3 classes";
    panics(text, || x.cross_entropy(&Tensor::from([-1_i64, 0]), &o()));
    let text = "multilabel_margin_loss: label out of range: 7 at position 4 for 3 classes";
    let target = Tensor::from([[0_i64, -1, 9], [2, 7, 0]]);
    panics(text, || x.multilabel_margin_loss(&target, Reduction::Mean));
    let text = "cross_entropy: the labels do not fit the input: [3] for [2, 3]";
    panics(text, || x.cross_entropy(&i64s(&[3]), &o()));
    let text = "cross_entropy: the input has no axis of classes: shape []";
    panics(text, || f32s(&[]).cross_entropy(&i64s(&[]), &o()));
}

#[test]
fn options_make_sense() {
    let (x, target) = (f32s(&[2, 3]), i64s(&[2]));
    let text = "smooth_l1_loss: beta is negative: -1";
    panics(text, || x.smooth_l1_loss(&x, Reduction::Mean, -1.0));
    let text = "huber_loss: delta is not positive: 0";
    panics(text, || x.huber_loss(&x, Reduction::Mean, 0.0));
    let o = || CrossEntropyOptions { label_smoothing: 1.5, ..Default::default() };
    let text = "cross_entropy: the label smoothing is not between 0 and 1: 1.5";
    panics(text, || x.cross_entropy(&target, &o()));
    panics("nll_loss: has no label smoothing: got 1.5", || x.nll_loss(&target, &o()));
    let o = || CrossEntropyOptions { weight: Some(f32s(&[2])), ..Default::default() };
    let text = "nll_loss: the weight is not one number for each class: [2] for 3 classes";
    panics(text, || x.nll_loss(&target, &o()));
    let text = "binary_cross_entropy: the weight does not expand to the input: [2] to [2, 3]";
    panics(text, || x.binary_cross_entropy(&x, Some(&f32s(&[2])), Reduction::Mean));
    let text = "multi_margin_loss: the power is neither 1 nor 2: 3";
    panics(text, || {
        x.multi_margin_loss(&target, MultiMarginOptions { p: 3, ..Default::default() })
    });
}

#[test]
fn sequences_with_lengths_that_do_not_fit() {
    let (x, targets) = (Tensor::zeros(&[5, 2, 3], DType::F32), i64s(&[2, 2]));
    let o = CtcOptions::default();
    _ = x.ctc_loss(&targets, &[5, 4], &[2, 1], o);
    panics("ctc_loss: not one input length for each sequence: 1 for 2", || {
        x.ctc_loss(&targets, &[5], &[2, 1], o)
    });
    panics("ctc_loss: not one target length for each sequence: 3 for 2", || {
        x.ctc_loss(&targets, &[5, 5], &[2, 1, 1], o)
    });
    panics("ctc_loss: input length out of range: 6 at position 1 for 5 steps", || {
        x.ctc_loss(&targets, &[5, 6], &[2, 1], o)
    });
    panics("ctc_loss: the targets do not fit their lengths: [2, 2] for [3, 1]", || {
        x.ctc_loss(&targets, &[5, 5], &[3, 1], o)
    });
    panics("ctc_loss: the targets do not fit their lengths: [4] for [2, 1]", || {
        x.ctc_loss(&i64s(&[4]), &[5, 5], &[2, 1], o)
    });
    panics("ctc_loss: the targets do not fit their lengths: [3, 2] for [2, 1]", || {
        x.ctc_loss(&i64s(&[3, 2]), &[5, 5], &[2, 1], o)
    });
    panics("ctc_loss: the targets are not i64: got f32", || {
        x.ctc_loss(&f32s(&[2, 2]), &[5, 5], &[2, 1], o)
    });
    panics("ctc_loss: the log-probabilities have neither 2 nor 3 axes: [3]", || {
        f32s(&[3]).ctc_loss(&i64s(&[1]), &[1], &[1], o)
    });
    panics("ctc_loss: needs a floating-point dtype: got i64", || {
        i64s(&[3, 2]).ctc_loss(&i64s(&[1]), &[1], &[1], o)
    });
}

#[test]
fn targets_that_are_no_labels() {
    let x = Tensor::zeros(&[5, 3], DType::F32);
    let pair = |label: i64| Tensor::from([1, label]);
    let o = |blank| CtcOptions { blank, ..CtcOptions::default() };
    panics("ctc_loss: a target is the blank: 0 at position 1", || {
        x.ctc_loss(&pair(0), &[5], &[2], o(0))
    });
    panics("ctc_loss: target out of range: 3 at position 1 for 3 classes", || {
        x.ctc_loss(&pair(3), &[5], &[2], o(0))
    });
    panics("ctc_loss: target out of range: -1 at position 1 for 3 classes", || {
        x.ctc_loss(&pair(-1), &[5], &[2], o(0))
    });
    panics("ctc_loss: the blank is out of range: 3 for 3 classes", || {
        x.ctc_loss(&pair(2), &[5], &[2], o(3))
    });
}

#[test]
fn probabilities_and_variances_are_what_they_are_called() {
    let p = |x: f32| Tensor::from([[0.0_f32, 1.0], [0.5, x]]);
    let loss = |p: Tensor, t: Tensor| p.binary_cross_entropy(&t, None, Reduction::Mean);
    assert!(loss(p(1.0), p(0.0)).item().is_finite());
    let text = |what: &str| format!("binary_cross_entropy: the {what} is not between 0 and 1");
    let mean = Reduction::Mean;
    panics(&(text("input") + ": 2 at [1, 1]"), || p(2.0).binary_cross_entropy(&p(1.0), None, mean));
    panics(&(text("input") + ": NaN at [1, 1]"), || {
        p(f32::NAN).binary_cross_entropy(&p(1.0), None, mean)
    });
    panics(&(text("target") + ": -1 at [1, 1]"), || {
        p(0.5).binary_cross_entropy(&p(-1.0), None, mean)
    });
    panics("gaussian_nll_loss: the variance is negative: -0.5 at [1, 1]", || {
        p(0.5).gaussian_nll_loss(&p(0.5), &p(-0.5), GaussianNllOptions::default())
    });
}

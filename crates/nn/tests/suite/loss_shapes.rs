//! Between prediction and target nothing broadcasts: each loss refuses targets of other shapes, also
//! those that would expand, at the caller's line. And weights are buffers.

use nn::*;
use tensor::{
    BinaryLogitsOptions, CrossEntropyOptions, DType, MultiMarginOptions, Tensor,
    TripletDistanceOptions,
};

use crate::catch::catch;

/// The loss of an input and another tensor, which has the wrong shape.
type Loss = Box<dyn Fn(&Tensor, &Tensor) -> Tensor>;

fn loss(f: impl Fn(&Tensor, &Tensor) -> Tensor + 'static) -> Loss {
    Box::new(f)
}

/// A loss of two inputs and a target: each of the others may be wrong.
fn of_three(name: &str, f: fn(&Tensor, &Tensor, &Tensor) -> Tensor) -> [(&str, Loss); 2] {
    [(name, loss(move |x, y| f(x, y, x))), (name, loss(move |x, y| f(x, x, y)))]
}

/// Losses whose target has the shape and the dtype of the input.
#[rustfmt::skip]
fn elementwise() -> Vec<(&'static str, Loss)> {
    let mut losses = vec![
        ("l1_loss", loss(|x, y| L1Loss::default().forward(x, y))),
        ("mse_loss", loss(|x, y| MSELoss::default().forward(x, y))),
        ("smooth_l1_loss", loss(|x, y| SmoothL1Loss::default().forward(x, y))),
        ("huber_loss", loss(|x, y| HuberLoss::default().forward(x, y))),
        ("cross_entropy", loss(|x, y| CrossEntropyLoss::default().forward(x, y))),
        ("binary_cross_entropy", loss(|x, y| BCELoss::default().forward(x, y))),
        ("binary_cross_entropy_with_logits", loss(|x, y| BCEWithLogitsLoss::default().forward(x, y))),
        ("kl_div", loss(|x, y| KLDivLoss::default().forward(x, y))),
        ("poisson_nll_loss", loss(|x, y| PoissonNLLLoss::default().forward(x, y))),
        ("gaussian_nll_loss", loss(|x, y| GaussianNLLLoss::default().forward(x, y, x))),
        ("hinge_embedding_loss", loss(|x, y| HingeEmbeddingLoss::default().forward(x, y))),
        ("soft_margin_loss", loss(|x, y| SoftMarginLoss::default().forward(x, y))),
        ("multilabel_soft_margin_loss", loss(|x, y| MultiLabelSoftMarginLoss::default().forward(x, y))),
    ];
    losses.extend(of_three("margin_ranking_loss", |x, y, t| MarginRankingLoss::default().forward(x, y, t)));
    losses.extend(of_three("triplet_margin_loss", |x, y, z| TripletMarginLoss::default().forward(x, y, z)));
    losses.extend(of_three("triplet_margin_with_distance_loss", |x, y, z| {
        let options = TripletDistanceOptions::default();
        TripletMarginWithDistanceLoss::new(Tensor::pairwise_distance, options).forward(x, y, z)
    }));
    losses
}

/// Losses whose target is labels, in another shape than the input's `[4, 3]` or the same.
#[rustfmt::skip]
fn of_labels() -> Vec<(&'static str, &'static [usize], Loss)> {
    vec![
        ("cross_entropy", &[4], loss(|x, t| CrossEntropyLoss::default().forward(x, t))),
        ("nll_loss", &[4], loss(|x, t| NLLLoss::default().forward(x, t))),
        ("multi_margin_loss", &[4], loss(|x, t| MultiMarginLoss::default().forward(x, t))),
        ("multilabel_margin_loss", &[4, 3], loss(|x, t| MultiLabelMarginLoss::default().forward(x, t))),
    ]
}

#[track_caller]
fn assert_refused(name: &str, loss: &Loss, x: &Tensor, y: &Tensor) {
    let caught = catch(|| loss(x, y));
    let start = format!("{name}: ");
    assert!(caught.message.starts_with(&start), "{name}: {}", caught.message);
    for shape in [x.shape(), y.shape()] {
        let shape = format!("{shape:?}");
        assert!(caught.message.contains(&shape), "no {shape} in {}", caught.message);
    }
    assert!(caught.file.ends_with("suite/loss_shapes.rs"), "{name}: {}", caught.file);
}

#[test]
fn a_target_of_another_shape_is_refused() {
    let x = Tensor::full(&[4, 3], 0.5_f64);
    for (name, loss) in &elementwise() {
        _ = loss(&x, &x);
        for shape in [&[4, 1][..], &[3], &[1, 3], &[3, 4], &[12], &[1], &[], &[4, 3, 1], &[1, 4, 3]]
        {
            assert_refused(name, loss, &x, &Tensor::ones(shape, DType::F64));
        }
    }
}

#[test]
fn labels_of_another_shape_are_refused() {
    let x = Tensor::full(&[4, 3], 0.5_f64);
    for (name, right, loss) in &of_labels() {
        _ = loss(&x, &Tensor::ones(right, DType::I64));
        for shape in [&[4, 1][..], &[3], &[1, 3], &[1], &[], &[4, 3, 1], &[1, 4], &[3, 4]] {
            assert_refused(name, loss, &x, &Tensor::ones(shape, DType::I64));
        }
    }
}

#[test]
fn pairs_of_embeddings_and_their_target_fit() {
    let [x, y] = [&[4, 3][..], &[4, 1]].map(|shape| Tensor::ones(shape, DType::F64));
    let t = Tensor::ones(&[4], DType::F64);
    let cosine = CosineEmbeddingLoss::default();
    _ = cosine.forward(&x, &x, &t);
    let wrong = loss(move |x, y| cosine.forward(x, y, &t));
    assert_refused("cosine_embedding_loss", &wrong, &x, &y);
    let wrong = loss(move |x, t| cosine.forward(x, x, t));
    for shape in [&[4, 1][..], &[1], &[], &[3], &[4, 3]] {
        assert_refused("cosine_embedding_loss", &wrong, &x, &Tensor::ones(shape, DType::F64));
    }
}

#[test]
fn a_variance_that_does_not_expand_is_refused() {
    let x = Tensor::full(&[4, 3], 0.5_f64);
    let wrong = loss(|x, v| GaussianNLLLoss::default().forward(x, x, v));
    for shape in [&[4, 2][..], &[2], &[4, 3, 1], &[1, 4, 3]] {
        assert_refused("gaussian_nll_loss", &wrong, &x, &Tensor::ones(shape, DType::F64));
    }
}

#[test]
fn weights_are_buffers_under_pytorchs_names() {
    let weight = || Some(Tensor::from([1.0_f64, 2.0, 0.5]));
    let classes = || CrossEntropyOptions { weight: weight(), ..Default::default() };
    let margins = MultiMarginOptions { weight: weight(), ..Default::default() };
    let logits = BinaryLogitsOptions {
        weight: weight(),
        pos_weight: weight(),
        ..BinaryLogitsOptions::default()
    };
    let names = |loss: &dyn Module| -> Vec<String> {
        assert_eq!(loss.parameter_count(), 0);
        loss.named_buffers().into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(names(&CrossEntropyLoss::new(classes())), ["weight"]);
    assert_eq!(names(&NLLLoss::new(classes())), ["weight"]);
    assert_eq!(names(&MultiMarginLoss::new(margins)), ["weight"]);
    assert_eq!(names(&BCELoss::new(weight(), Reduction::Sum)), ["weight"]);
    assert_eq!(names(&MultiLabelSoftMarginLoss::new(weight(), Reduction::Sum)), ["weight"]);
    assert_eq!(names(&BCEWithLogitsLoss::new(logits)), ["weight", "pos_weight"]);
    assert_eq!(names(&CrossEntropyLoss::default()), [""; 0]);
    assert_eq!(names(&L1Loss::default()), [""; 0]);
}

#[test]
fn a_weight_that_is_loaded_counts() {
    let classes = |weight| CrossEntropyOptions { weight: Some(weight), ..Default::default() };
    let (x, t) = (Tensor::from([[0.5_f64, 0.0], [1.0, -1.0]]), Tensor::from([0_i64, 1]));
    let heavy = CrossEntropyLoss::new(classes(Tensor::from([3.0_f64, 0.25])));
    let loss = CrossEntropyLoss::new(classes(Tensor::from([1.0_f64, 1.0])));
    assert!(loss.forward(&x, &t).item() > heavy.forward(&x, &t).item());
    loss.load_state_dict(&heavy.state_dict()).unwrap();
    assert_eq!(loss.forward(&x, &t).item(), heavy.forward(&x, &t).item());
}

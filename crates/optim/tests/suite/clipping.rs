//! Clipping, and averaged weights.

use optim::{Average, Averaging, ClipNorm, clip_grad_norm, clip_grad_norm_with, clip_grad_value};
use tensor::{DType, Parameter, Tensor};

fn with_gradients(gradients: &[&[f64]]) -> Vec<Parameter> {
    let parameter = |g: &&[f64]| {
        let parameter = Parameter::new(Tensor::from(vec![1.0_f64; g.len()]));
        parameter.set_grad(Some(Tensor::from(g.to_vec())));
        parameter
    };
    gradients.iter().map(parameter).collect()
}

fn gradients(parameters: &[Parameter]) -> Vec<f64> {
    parameters.iter().filter_map(Parameter::grad).flat_map(|g| g.to_vec::<f64>()).collect()
}

/// The norm and the gradients of `torch.nn.utils.clip_grad_norm_` on [[3, -4], [12]] with a maximum
/// of 6.5, for p = 2, 1 and infinity.
#[test]
fn norms_and_gradients_are_those_of_pytorch() {
    let theirs = [
        (2.0, 13.0, [1.499_999_884_615_393_7, -1.999_999_846_153_858_2, 5.999_999_538_461_575]),
        (1.0, 19.0, [1.026_315_735_457_066_7, -1.368_420_980_609_422, 4.105_262_941_828_267]),
        (
            f64::INFINITY,
            12.0,
            [1.624_999_864_583_344_8, -2.166_666_486_111_126, 6.499_999_458_333_379],
        ),
    ];
    for (p, norm, expected) in theirs {
        let parameters = with_gradients(&[&[3.0, -4.0], &[12.0]]);
        let options = ClipNorm { max_norm: 6.5, p, ..ClipNorm::default() };
        assert_eq!(clip_grad_norm_with(&parameters, &options), Ok(norm));
        for (ours, theirs) in gradients(&parameters).into_iter().zip(expected) {
            assert!((ours - theirs).abs() <= 1e-14 * theirs.abs(), "{p}: {ours}, not {theirs}");
        }
    }
}

#[test]
fn a_small_norm_is_left_alone() {
    let mut parameters = with_gradients(&[&[0.3, -0.4]]);
    parameters.push(Parameter::new(Tensor::from(1.0_f64))); // without a gradient
    assert_eq!(clip_grad_norm(&parameters, 1.0), 0.5);
    assert_eq!(gradients(&parameters), [0.3, -0.4]);
    assert_eq!(clip_grad_norm(&[], 1.0), 0.0);
}

#[test]
fn a_norm_that_is_not_finite_is_an_error_if_asked() {
    for (bad, p) in [(f64::NAN, 2.0), (f64::INFINITY, 2.0), (f64::NAN, f64::INFINITY)] {
        let parameters = with_gradients(&[&[1.0], &[bad]]);
        let options = ClipNorm { error_if_nonfinite: true, p, ..ClipNorm::default() };
        let error = clip_grad_norm_with(&parameters, &options).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("clip_grad_norm: the norm of the gradients is not finite: {bad}")
        );
        assert_eq!(gradients(&parameters)[0], 1.0, "nothing has changed");
    }
    let parameters = with_gradients(&[&[1.0], &[f64::NAN]]);
    assert!(clip_grad_norm(&parameters, 1.0).is_nan());
    assert!(gradients(&parameters)[0].is_nan(), "as in PyTorch, all are spoiled");
}

/// The norms of PyTorch for [300, 400], whose squares are beyond f16, with a maximum of 1; the gradients
/// are the exact ones, rounded once. PyTorch rounds the factor too.
#[test]
fn norms_of_halves_are_those_of_their_numbers() {
    let exact = [(1.0, 700.0), (2.0, 500.0), (3.0, 91_f64.cbrt() * 100.0), (f64::INFINITY, 400.0)];
    for (dtype, epsilon) in [(DType::F16, 2_f64.powi(-10)), (DType::BF16, 2_f64.powi(-7))] {
        for (p, norm) in exact {
            let w = Parameter::new(Tensor::from([1.0, 1.0]).to_dtype(dtype));
            w.set_grad(Some(Tensor::from([300.0, 400.0]).to_dtype(dtype)));
            let options = ClipNorm { p, ..ClipNorm::default() };
            let ours = clip_grad_norm_with(std::slice::from_ref(&w), &options).unwrap();
            assert!((ours / norm - 1.0).abs() < 1e-6, "{dtype}, {p}: {ours}, not {norm}");
            let clipped = w.grad().unwrap().to_dtype(DType::F64).to_vec::<f64>();
            for (clipped, g) in clipped.into_iter().zip([300.0, 400.0]) {
                let exact = g / norm;
                let near = (clipped / exact - 1.0).abs() <= epsilon / 2.0 + 1e-6;
                assert!(near, "{dtype}, {p}: {clipped}, not {exact}");
            }
        }
    }
}

#[test]
fn values_are_limited_on_both_sides() {
    let parameters = with_gradients(&[&[3.0, -0.5, -7.0], &[1.0]]);
    clip_grad_value(&parameters, 2.0);
    assert_eq!(gradients(&parameters), [2.0, -0.5, -2.0, 1.0]);
}

#[test]
fn an_exponential_average_keeps_its_part() {
    let w = Parameter::new(Tensor::from(1.0_f64));
    let mut average = Average::new([w.clone()], Averaging::Exponential(0.75));
    for value in [2.0, 4.0, 8.0] {
        w.set(&Tensor::from(value));
        average.update();
    }
    // 2, then 0.75 · 2 + 0.25 · 4, then 0.75 · 2.5 + 0.25 · 8
    assert_eq!(average.values()[0].item(), 3.875);
    assert_eq!(w.item(), 8.0, "the parameter is as it was");
}

#[test]
fn swapping_keeps_the_leaf() {
    let w = Parameter::new(Tensor::from(1.0_f64));
    let mut average = Average::new([w.clone()], Averaging::Equal);
    average.update();
    average.swap();
    w.tensor().square().backward();
    assert_eq!(w.grad().unwrap().item(), 2.0);
    assert!(!average.values()[0].is_tracked());
}

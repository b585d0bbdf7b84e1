//! What tests of modules compare: tensors, and second derivatives with finite differences.

use nn::Module;
use tensor::{DType, GradOptions, Parameter, Tensor, grad_with, gradgradcheck};

/// Whether shapes are equal, and elements to so much of the larger of one and the second's.
pub(crate) fn is_close(a: &Tensor, b: &Tensor, tolerance: f64) -> bool {
    let wide = |x: &Tensor| x.to_dtype(DType::F64).to_vec::<f64>();
    let close = |(a, b): (f64, f64)| (a - b).abs() <= tolerance * b.abs().max(1.0);
    a.shape() == b.shape() && wide(a).into_iter().zip(wide(b)).all(close)
}

/// Holds second derivatives against finite differences: by the inputs, and, of the gradient's
/// squared norm, by some elements of each parameter.
#[track_caller]
pub(crate) fn second_derivatives(
    module: &impl Module,
    inputs: &[Tensor],
    forward: impl Fn(&[Tensor]) -> Tensor,
) {
    gradgradcheck(&forward, inputs).unwrap_or_else(|error| panic!("{error}"));
    let parameters = module.parameters();
    let norm = || {
        let of: Vec<Tensor> = parameters.iter().map(Parameter::tensor).collect();
        let of: Vec<&Tensor> = of.iter().collect();
        let options = GradOptions { differentiable: true, ..GradOptions::default() };
        let gradients = grad_with(&forward(inputs).sin().sum(), &of, options);
        gradients.into_iter().flatten().fold(Tensor::scalar(0.0), |sum, g| sum + g.square().sum())
    };
    module.zero_grad();
    norm().backward();
    for (path, parameter) in module.named_parameters() {
        let (value, gradient) = (parameter.tensor().detach(), parameter.grad().unwrap());
        for element in [0, value.numel() / 2, value.numel() - 1] {
            let moved = |h: f64| {
                let mut data = value.to_vec::<f64>();
                data[element] += h;
                parameter.set(&Tensor::from_vec(data, value.shape()));
                norm().item()
            };
            let numeric = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            parameter.set(&value);
            let analytic = gradient.to_vec::<f64>()[element];
            assert!(
                (analytic - numeric).abs() < 1e-7 + 1e-6 * numeric.abs(),
                "{path}, element {element}: {analytic}, not {numeric}"
            );
        }
    }
}

//! Clipping gradients, between `backward` and `step`.

use tensor::{Parameter, Tensor, no_grad};
use thiserror::Error;

/// How [`clip_grad_norm_with`] clips.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipNorm {
    /// The largest norm that is left.
    pub max_norm: f64,
    /// The order p of the norm (Σ|g|ᵖ)^(1/p); infinity for the largest magnitude.
    pub p: f64,
    /// Whether a norm that is infinite or NaN is an error; else it spoils all gradients, as in
    /// PyTorch.
    pub error_if_nonfinite: bool,
}

impl Default for ClipNorm {
    fn default() -> Self {
        Self { max_norm: 1.0, p: 2.0, error_if_nonfinite: false }
    }
}

/// The gradients' norm is infinite or NaN, and they were not changed.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error("clip_grad_norm: the norm of the gradients is not finite: {norm}")]
pub struct NonFiniteNorm {
    /// The norm.
    pub norm: f64,
}

/// Scales all gradients by min(1, m / (‖g‖₂ + 10⁻⁶)), as if they were one vector g, and returns its
/// norm ‖g‖₂ from before. Parameters without a gradient do not count. The norm of halves is computed in
/// `f32`.
///
/// # Examples
///
/// ```
/// use optim::clip_grad_norm;
/// use tensor::{Parameter, Tensor};
///
/// let w = Parameter::new(Tensor::from([0.0_f64, 0.0]));
/// w.set_grad(Some(Tensor::from([3.0_f64, 4.0])));
/// assert_eq!(clip_grad_norm(&[w.clone()], 1.0), 5.0);
/// let clipped = w.grad().unwrap().to_vec::<f64>();
/// assert!((clipped[0] - 0.6).abs() < 1e-6 && (clipped[1] - 0.8).abs() < 1e-6);
/// ```
pub fn clip_grad_norm(parameters: &[Parameter], max_norm: f64) -> f64 {
    let options = ClipNorm { max_norm, ..ClipNorm::default() };
    match clip_grad_norm_with(parameters, &options) {
        Ok(norm) | Err(NonFiniteNorm { norm }) => norm,
    }
}

/// As [`clip_grad_norm`], with options.
///
/// # Errors
///
/// [`NonFiniteNorm`] if asked to; the gradients are as before.
pub fn clip_grad_norm_with(
    parameters: &[Parameter],
    options: &ClipNorm,
) -> Result<f64, NonFiniteNorm> {
    let _guard = no_grad();
    let gradients: Vec<(&Parameter, Tensor)> =
        parameters.iter().filter_map(|p| Some((p, p.grad()?))).collect();
    let norm = norm(gradients.iter().map(|(_, g)| g), options.p);
    if options.error_if_nonfinite && !norm.is_finite() {
        return Err(NonFiniteNorm { norm });
    }
    let factor = options.max_norm / (norm + 1e-6);
    if factor < 1.0 || factor.is_nan() {
        for (parameter, gradient) in gradients {
            parameter.set_grad(Some(gradient * factor));
        }
    }
    Ok(norm)
}

/// The p-norm of all elements of all tensors.
fn norm<'a>(gradients: impl Iterator<Item = &'a Tensor>, p: f64) -> f64 {
    let gradients = gradients.filter(|g| g.numel() > 0);
    if p.is_infinite() {
        // `f64::max` would drop a NaN.
        let larger = |a: f64, b: f64| if b > a || b.is_nan() { b } else { a };
        return gradients.map(|g| g.abs().amax(..).item()).fold(0.0, larger);
    }
    // The square of a half is often beyond its range.
    let powers = |g: &Tensor| {
        let g = g.to_dtype(g.dtype().wide());
        if p == 2.0 { g.square() } else { g.abs().powf(p) }
    };
    gradients.map(|g| powers(g).sum().item()).sum::<f64>().powf(1.0 / p)
}

/// Limits each element of each gradient to [-m, m].
///
/// # Examples
///
/// ```
/// use optim::clip_grad_value;
/// use tensor::{Parameter, Tensor};
///
/// let w = Parameter::new(Tensor::from([0.0_f32, 0.0]));
/// w.set_grad(Some(Tensor::from([3.0_f32, -0.5])));
/// clip_grad_value(&[w.clone()], 1.0);
/// assert_eq!(w.grad().unwrap().to_vec::<f32>(), [1.0, -0.5]);
/// ```
pub fn clip_grad_value(parameters: &[Parameter], max: f64) {
    let _guard = no_grad();
    for parameter in parameters {
        if let Some(gradient) = parameter.grad() {
            parameter.set_grad(Some(gradient.clamp(-max, max)));
        }
    }
}

//! Checking derivatives against finite differences, to first and second order.

use std::fmt;

use crate::autograd::{GradOptions, grad_with};
use crate::shape::index_of;
use crate::{DType, Generator, Graph, Tensor, enable_grad, no_grad};

/// How [`gradcheck_with`] checks.
#[derive(Clone, Debug)]
pub struct GradcheckOptions {
    /// The distance of the central difference, relative to inputs of magnitude one.
    pub step: f64,
    /// The relative difference that is allowed between the two derivatives.
    pub relative: f64,
    /// The absolute difference that is allowed between the two derivatives.
    pub absolute: f64,
    /// Determines the random cotangent and directions.
    pub seed: u64,
}

impl Default for GradcheckOptions {
    fn default() -> Self {
        Self { step: 1e-6, relative: 1e-4, absolute: 1e-6, seed: 0 }
    }
}

/// Where a derivative and the finite differences disagree.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GradcheckError {
    /// Which input, counted from zero.
    pub input: usize,
    /// The position of the worst element in that input.
    pub element: Vec<usize>,
    /// The derivative by the backward pass, with respect to that element.
    pub analytic: f64,
    /// The derivative by finite differences.
    pub numeric: f64,
    /// 1 for the function itself, 2 for its gradient.
    pub order: u8,
}

impl fmt::Display for GradcheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "gradcheck: order {}: input {}, element {:?}: backward gives {:e}, finite differences \
             give {:e}",
            self.order, self.input, self.element, self.analytic, self.numeric
        )
    }
}

impl std::error::Error for GradcheckError {}

/// Holds the gradient of `f` against central differences, in a random direction for each input.
///
/// With a random cotangent v, s(x) = <f(x), v> is a number. For each input and a random direction u,
/// the check compares <grad s, u> with (s(x + hu) - s(x - hu)) / 2h; where they disagree, it looks
/// for the worst element one by one. All inputs are `f64`, away from kinks.
///
/// # Errors
///
/// [`GradcheckError`] names the input and the element where they disagree the most.
///
/// # Panics
///
/// If an input is not `f64`, or `f` panics.
///
/// # Examples
///
/// ```
/// use tensor::{gradcheck, Tensor};
///
/// let x = Tensor::from([0.5_f64, 2.0]);
/// gradcheck(|x| (x[0].sin() * &x[0]).sum(), &[x])?;
/// # Ok::<(), tensor::GradcheckError>(())
/// ```
#[track_caller]
pub fn gradcheck(f: impl Fn(&[Tensor]) -> Tensor, inputs: &[Tensor]) -> Result<(), GradcheckError> {
    gradcheck_with(f, inputs, &GradcheckOptions::default())
}

/// As [`gradcheck()`], with options.
///
/// # Errors
///
/// As [`gradcheck()`].
///
/// # Panics
///
/// As [`gradcheck()`].
#[track_caller]
pub fn gradcheck_with(
    f: impl Fn(&[Tensor]) -> Tensor,
    inputs: &[Tensor],
    options: &GradcheckOptions,
) -> Result<(), GradcheckError> {
    check(&f, inputs, options, 1)
}

/// Holds the gradient of `f` and the gradient of that gradient against central differences.
///
/// # Errors
///
/// As [`gradcheck()`]; the error's `order` says which of the two disagrees.
///
/// # Panics
///
/// As [`gradcheck()`].
#[track_caller]
pub fn gradgradcheck(
    f: impl Fn(&[Tensor]) -> Tensor,
    inputs: &[Tensor],
) -> Result<(), GradcheckError> {
    let options = GradcheckOptions::default();
    check(&f, inputs, &options, 1)?;
    let gradient = |x: &[Tensor]| {
        let leaves: Vec<Tensor> =
            x.iter().map(|x| if x.is_tracked() { x.clone() } else { x.requires_grad() }).collect();
        let y = f(&leaves);
        let of: Vec<&Tensor> = leaves.iter().collect();
        let seed = random_like(&mut Generator::new(options.seed ^ 1), &y);
        let how = GradOptions { seed: Some(seed), differentiable: true, graph: Graph::Keep };
        let gradients = if y.is_tracked() { grad_with(&y, &of, how) } else { vec![None; x.len()] };
        // Each gradient against a direction of its own, so that none cancels another.
        let mut directions = Generator::new(options.seed ^ 2);
        gradients.iter().zip(x).fold(Tensor::scalar(0.0), |sum, (gradient, x)| {
            let direction = random_like(&mut directions, x);
            match gradient {
                Some(gradient) => sum + (gradient * &direction).sum(),
                None => sum,
            }
        })
    };
    check(&gradient, inputs, &options, 2)
}

fn random_like(generator: &mut Generator, x: &Tensor) -> Tensor {
    generator.normal(x.shape(), 0.0, 1.0, DType::F64)
}

#[track_caller]
fn check(
    f: &dyn Fn(&[Tensor]) -> Tensor,
    inputs: &[Tensor],
    options: &GradcheckOptions,
    order: u8,
) -> Result<(), GradcheckError> {
    for (input, x) in inputs.iter().enumerate() {
        assert!(x.dtype() == DType::F64, "gradcheck: input {input} is not f64: got {}", x.dtype());
    }
    let _guard = enable_grad();
    let mut generator = Generator::new(options.seed);
    let leaves: Vec<Tensor> = inputs.iter().map(Tensor::requires_grad).collect();
    let y = f(&leaves);
    let v = random_like(&mut generator, &y);
    let gradients = if y.is_tracked() {
        let of: Vec<&Tensor> = leaves.iter().collect();
        grad_with(&y, &of, GradOptions { seed: Some(v.clone()), ..GradOptions::default() })
    } else {
        vec![None; inputs.len()]
    };
    let value = |x: &[Tensor]| {
        // At second order `f` records for itself; what it returns is only a number here.
        let y = if order == 1 { unrecorded(f, x) } else { f(x).detach() };
        (y * &v).sum().item()
    };
    for (input, x) in inputs.iter().enumerate() {
        if x.numel() == 0 {
            continue;
        }
        let gradient = gradients[input].clone().unwrap_or_else(|| x.zeros_like());
        let u = random_like(&mut generator, x);
        let analytic = (&gradient * &u).sum().item();
        let numeric = difference(&value, inputs, input, &u, options.step);
        if !agree(analytic, numeric, options) {
            return Err(worst_element(&value, inputs, input, &gradient, options, order));
        }
    }
    Ok(())
}

fn unrecorded(f: &dyn Fn(&[Tensor]) -> Tensor, x: &[Tensor]) -> Tensor {
    let _guard = no_grad();
    f(x)
}

/// (s(x + hu) - s(x - hu)) / 2h, changing one input.
fn difference(
    value: &dyn Fn(&[Tensor]) -> f64,
    inputs: &[Tensor],
    input: usize,
    u: &Tensor,
    h: f64,
) -> f64 {
    let at = |h: f64| {
        let mut moved = inputs.to_vec();
        moved[input] = &inputs[input] + u * h;
        value(&moved)
    };
    (at(h) - at(-h)) / (2.0 * h)
}

fn agree(analytic: f64, numeric: f64, options: &GradcheckOptions) -> bool {
    (analytic - numeric).abs() <= options.absolute + options.relative * numeric.abs()
}

/// The element of the input whose two derivatives differ the most.
fn worst_element(
    value: &dyn Fn(&[Tensor]) -> f64,
    inputs: &[Tensor],
    input: usize,
    gradient: &Tensor,
    options: &GradcheckOptions,
    order: u8,
) -> GradcheckError {
    let x = &inputs[input];
    let gradient = gradient.to_vec::<f64>();
    let candidates = (0..x.numel()).map(|index| {
        let mut unit = vec![0.0; x.numel()];
        unit[index] = 1.0;
        let unit = Tensor::from_vec(unit, x.shape());
        (index, gradient[index], difference(value, inputs, input, &unit, options.step))
    });
    let distance = |&(_, a, n): &(usize, f64, f64)| {
        let distance = (a - n).abs();
        if distance.is_nan() { f64::INFINITY } else { distance }
    };
    let (index, analytic, numeric) = candidates
        .max_by(|a, b| distance(a).total_cmp(&distance(b)))
        .expect("an input whose derivatives differ has elements");
    let element = index_of(index, x.shape()).to_vec();
    GradcheckError { input, element, analytic, numeric, order }
}

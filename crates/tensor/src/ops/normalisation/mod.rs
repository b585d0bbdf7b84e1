//! Normalisations: elements minus their mean over their deviation, by layer, group, instance or
//! batch, with a weight and a bias for each feature; vectors over their norm, and their angles.
//!
//! All but the last are one operation on elements laid out as `[samples, groups, channels,
//! positions]`, a fused kernel forward and backward. Where the backward pass is recorded it is made
//! of tensor operations instead, in f64, in which the kernel computes too.

pub(crate) mod batch_norm;
pub(crate) mod group_norm;
pub(crate) mod layer_norm;
pub(crate) mod similarity;

use std::sync::Arc;

use autograd_core::is_recording;

use crate::dtype::dispatch;
use crate::kernels::standardise::{
    Affine, Centring, Gradients, Sizes, Statistics, backward_across, backward_within,
    forward_across, forward_within,
};
use crate::shown::kept;
use crate::storage::Storage;
use crate::tensor::{Rule, Value};
use crate::{DType, Element, Tensor};

/// The weight and the bias of a normalisation, and what keeps it from dividing by zero.
#[derive(Clone, Copy, Debug)]
pub struct NormOptions<'a> {
    /// Multiplies each feature; `None` is one.
    pub weight: Option<&'a Tensor>,
    /// Is added to each feature; `None` is zero.
    pub bias: Option<&'a Tensor>,
    /// Is added to the variance before its root is taken.
    pub eps: f64,
}

impl Default for NormOptions<'_> {
    fn default() -> Self {
        Self { weight: None, bias: None, eps: 1e-5 }
    }
}

/// How a tensor is standardised.
#[derive(Clone, Copy, Debug)]
struct Standardise {
    name: &'static str,
    sizes: Sizes,
    centring: Centring,
    /// Whether statistics are of a group in all samples, which then has one channel.
    across: bool,
}

/// The weight or the bias of each feature, or what stands for it.
#[track_caller]
fn features_or(given: Option<&Tensor>, default: f64, features: usize, dtype: DType) -> Tensor {
    match given {
        Some(given) => given.reshape_to(&[features]).contiguous(),
        None => Tensor::full(&[features], default).to_dtype(dtype),
    }
}

impl Standardise {
    /// The standardised elements, in the four axes of the sizes, and the statistics of each group.
    #[track_caller]
    fn apply(
        self,
        x: &Tensor,
        weight: Option<&Tensor>,
        bias: Option<&Tensor>,
    ) -> (Tensor, Arc<[Statistics]>) {
        let x = x.reshape_to(&self.sizes.shape()).contiguous();
        let features = self.sizes.features();
        let weight = features_or(weight, 1.0, features, x.dtype());
        let bias = features_or(bias, 0.0, features, x.dtype());
        let (storage, statistics) = dispatch!(x.dtype(), float self.name, |T| {
            let affine = Affine { weight: elements::<T>(&weight), bias: elements::<T>(&bias) };
            let forward = if self.across { forward_across } else { forward_within };
            forward(elements::<T>(&x), self.sizes, affine, self.centring)
        });
        let statistics: Arc<[Statistics]> = statistics.into();
        let value = Value::contiguous(storage, &self.sizes.shape());
        let y = value.record(self.name, [&x, &weight, &bias], || {
            let (x, weight, statistics) = (x.clone(), weight.clone(), kept(statistics.clone()));
            move |g: Tensor, call: &mut Rule<'_>| {
                let gradients = if is_recording() {
                    self.recorded(&x, &weight, &g)
                } else {
                    self.fused(&x, &weight, &statistics, &g.contiguous())
                };
                for (input, gradient) in gradients.into_iter().enumerate() {
                    call.give(input, gradient);
                }
            }
        });
        (y, statistics)
    }

    /// The gradients of elements, weight and bias, in one kernel.
    fn fused(
        self,
        x: &Tensor,
        weight: &Tensor,
        statistics: &[Statistics],
        g: &Tensor,
    ) -> [Tensor; 3] {
        dispatch!(x.dtype(), float self.name, |T| {
            let operands = (elements::<T>(x), elements::<T>(g));
            let weight = elements::<T>(weight);
            let gradients = if self.across {
                backward_across(operands, self.sizes, weight, statistics)
            } else {
                let centred = self.centring.centred;
                backward_within(operands, self.sizes, weight, statistics, centred)
            };
            let Gradients { x: dx, weight, bias } = gradients;
            [
                Value::contiguous(dx, x.shape()).untracked(),
                rounded::<T>(&weight),
                rounded::<T>(&bias),
            ]
        })
    }

    /// The same of tensor operations.
    #[track_caller]
    fn recorded(self, x: &Tensor, weight: &Tensor, g: &Tensor) -> [Tensor; 3] {
        let Sizes { groups, channels, .. } = self.sizes;
        let dtype = x.dtype();
        let wide = |x: &Tensor| x.to_dtype(DType::F64);
        let (x, weight, g) = (wide(x), wide(weight), wide(g));
        let axes: &[isize] = if self.across { &[0, 2, 3] } else { &[2, 3] };
        let mean = |x: &Tensor| x.mean_keepdim(axes);
        let centred = if self.centring.centred { &x - mean(&x) } else { x };
        let scale = (mean(&centred.square()) + self.centring.eps).powf(-0.5);
        let y = centred * &scale;
        let weighted = &g * weight.reshape_to(&[1, groups, channels, 1]);
        let along = &y * mean(&(&weighted * &y));
        let rest = if self.centring.centred { along + mean(&weighted) } else { along };
        let features = [groups * channels];
        let dw = (&g * y).sum_dim([0, 3]).reshape_to(&features);
        let db = g.sum_dim([0, 3]).reshape_to(&features);
        [(weighted - rest) * scale, dw, db].map(|gradient| gradient.to_dtype(dtype))
    }
}

/// The elements of a contiguous tensor.
fn elements<T: Element>(x: &Tensor) -> &[T] {
    x.view::<T>().contiguous().expect("the tensor was made contiguous")
}

fn rounded<T: Element>(x: &[f64]) -> Tensor {
    let storage = Storage::build(x.len(), |out: &mut [T]| {
        out.iter_mut().zip(x).for_each(|(out, &x)| *out = T::from_f64(x));
    });
    Value::contiguous(storage, &[x.len()]).untracked()
}

/// Checks that a weight or a bias has the shape of the features and the dtype of x.
#[track_caller]
fn check_affine(name: &str, x: &Tensor, options: &NormOptions<'_>, shape: &[usize]) {
    check_features(name, x, [("weight", options.weight), ("bias", options.bias)], shape);
}

/// Checks that what is there has this shape and the dtype of x.
#[track_caller]
fn check_features(name: &str, x: &Tensor, all: [(&str, Option<&Tensor>); 2], shape: &[usize]) {
    for (what, given) in all {
        let Some(given) = given else { continue };
        assert!(
            given.shape() == shape,
            "{name}: the {what} has another shape: {:?}, not {shape:?}",
            given.shape()
        );
        assert!(
            given.dtype() == x.dtype(),
            "{name}: dtypes differ: input {}, {what} {}",
            x.dtype(),
            given.dtype()
        );
    }
}

#[cfg(test)]
mod testing {
    use crate::{DType, Generator, GradOptions, Graph, Tensor, grad_with, gradgradcheck};

    /// The derivatives against finite differences, and the fused gradients against the recorded
    /// ones, relative to the largest: single elements may cancel.
    #[track_caller]
    pub(crate) fn check_fused(f: impl Fn(&[Tensor]) -> Tensor, inputs: &[Tensor]) {
        if let Err(error) = gradgradcheck(&f, inputs) {
            panic!("{error}");
        }
        for (dtype, epsilon) in [(DType::F32, f64::from(f32::EPSILON)), (DType::F64, f64::EPSILON)]
        {
            let leaves: Vec<Tensor> =
                inputs.iter().map(|x| x.to_dtype(dtype).requires_grad()).collect();
            let of: Vec<&Tensor> = leaves.iter().collect();
            let y = f(&leaves);
            let gradients = |differentiable| {
                let seed = Some(Generator::new(7).normal(y.shape(), 0.0, 1.0, y.dtype()));
                grad_with(&y, &of, GradOptions { seed, graph: Graph::Keep, differentiable })
            };
            for (fused, recorded) in gradients(false).into_iter().zip(gradients(true)) {
                let wide = |x: Option<Tensor>| x.expect("reached").detach().to_dtype(DType::F64);
                let (fused, recorded) = (wide(fused), wide(recorded));
                if recorded.numel() > 0 {
                    let far = (&fused - &recorded).abs().max().item();
                    let largest = recorded.abs().max().item().max(1.0);
                    assert!(far <= 8.0 * epsilon * largest, "{fused:?} and {recorded:?}");
                }
            }
        }
    }
}

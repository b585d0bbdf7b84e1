//! Checkpointing: a part of the computation that is computed again in the backward pass instead of
//! being saved (Griewank and Walther 2000; Chen et al. 2016).

use autograd_core::{
    Edge, Graph, Leaf, enable_grad, grad_since, is_attended, is_recording, record,
};

use super::frontier::{Moment, frontier};
use crate::dtype::dispatch;
use crate::shown::attend_saving;
use crate::tensor::Rule;
use crate::{Element, Generator, Tensor};

/// f(inputs), of which the graph keeps the inputs alone: what lies between is computed again when
/// the backward pass gets there.
///
/// Of a long computation cut into parts, memory then holds what goes from part to part, and all of
/// one part. The price is one more forward pass. Parameters and other tracked tensors that `f` uses
/// without their being inputs get their gradients, too, and there are derivatives of any order.
///
/// `f` must compute the same again: it must not depend on what changes in between. If a parameter
/// that it uses was updated before the backward pass, or it draws random numbers from elsewhere than
/// [`checkpoint_with_rng`] provides, its value differs and the backward pass panics.
///
/// # Panics
///
/// In the backward pass, if `f` computes another value than before.
///
/// # Examples
///
/// ```
/// use tensor::{checkpoint, Parameter, Tensor};
///
/// let w = Parameter::new(Tensor::from([0.5_f64, -0.5]));
/// let x = Tensor::from([1.0_f64, 2.0]).requires_grad();
/// let v = w.clone(); // the same place
/// let y = checkpoint(move |[x]| (x * &v).tanh().exp().sin(), [&x]);
/// assert_eq!(tensor::ancestors(&y).len(), 3); // x, w, and the checkpoint
/// y.sum().backward();
/// assert!(x.grad().is_some() && w.grad().is_some());
/// ```
#[must_use]
#[track_caller]
pub fn checkpoint<const N: usize>(
    f: impl Fn([&Tensor; N]) -> Tensor + Send + Sync + 'static,
    inputs: [&Tensor; N],
) -> Tensor {
    let run = Run::new(&f, inputs);
    run.record(f, inputs)
}

/// As [`checkpoint`], for an `f` that draws random numbers: it takes them from `rng` now, and the
/// same ones again in the backward pass. What `rng` gives afterwards is as if nothing were repeated.
///
/// # Panics
///
/// As [`checkpoint`].
///
/// # Examples
///
/// ```
/// use tensor::{checkpoint_with_rng, DType, Generator, Tensor};
///
/// let x = Tensor::ones(&[8], DType::F64).requires_grad();
/// let mut rng = Generator::new(0);
/// let dropout = |rng: &mut Generator, [x]: [&Tensor; 1]| x * rng.bernoulli(&[8], 0.5, DType::F64);
/// let y = checkpoint_with_rng(&mut rng, dropout, [&x]);
/// y.sum().backward();
/// assert!(x.grad().unwrap().equal(&y)); // the same mask
/// ```
#[must_use]
#[track_caller]
pub fn checkpoint_with_rng<const N: usize>(
    rng: &mut Generator,
    f: impl Fn(&mut Generator, [&Tensor; N]) -> Tensor + Send + Sync + 'static,
    inputs: [&Tensor; N],
) -> Tensor {
    let start = rng.snapshot();
    let run = Run::new(|inputs| f(rng, inputs), inputs);
    run.record(move |inputs| f(&mut start.snapshot(), inputs), inputs)
}

/// What one run of f has computed, and from what.
struct Run {
    value: Tensor,
    from: Dependencies,
}

/// What a value depends on: which inputs, and which tracked tensors that are not inputs.
struct Dependencies {
    inputs: Vec<bool>,
    captured: Vec<Edge<Tensor>>,
}

impl Dependencies {
    fn new(value: &Tensor, inputs: &[Tensor], since: Moment) -> Self {
        let mut found: Vec<_> = frontier(value, since).into_iter().cloned().collect();
        let depends = |x: &Tensor| x.edge().is_some_and(|edge| take(&mut found, edge));
        let inputs = inputs.iter().map(depends).collect();
        Self { inputs, captured: found }
    }

    fn is_empty(&self) -> bool {
        self.captured.is_empty() && !self.inputs.contains(&true)
    }

    fn same(&self, other: &Self) -> bool {
        let places = |of: &Self| of.captured.iter().map(place).collect::<Vec<_>>();
        self.inputs == other.inputs && places(self) == places(other)
    }
}

fn place(edge: &Edge<Tensor>) -> (u64, usize) {
    (edge.node().age(), edge.slot())
}

/// Takes this edge out of the list, if it is there.
fn take(edges: &mut Vec<Edge<Tensor>>, edge: &Edge<Tensor>) -> bool {
    let at = edges.iter().position(|other| place(other) == place(edge));
    at.map(|at| edges.remove(at)).is_some()
}

impl Run {
    /// Runs f on inputs that stand for this use alone. Its graph tells what the value depends on,
    /// and is dropped.
    fn new<const N: usize>(f: impl FnOnce([&Tensor; N]) -> Tensor, inputs: [&Tensor; N]) -> Self {
        let own =
            inputs.map(|x| if is_recording() && x.is_tracked() { leaf(x) } else { x.clone() });
        let since = Moment::now();
        let value = f(own.each_ref());
        let from = Dependencies::new(&value, &own, since);
        Self { value: value.detach(), from }
    }

    #[track_caller]
    fn record<const N: usize>(
        self,
        f: impl Fn([&Tensor; N]) -> Tensor + Send + Sync + 'static,
        inputs: [&Tensor; N],
    ) -> Tensor {
        let Self { value, from } = self;
        if !is_recording() || from.is_empty() {
            return value;
        }
        let depends = |input: usize| from.inputs[input];
        let edge_of = |input: usize| inputs[input].edge().filter(|_| depends(input)).cloned();
        let edges = (0..N).map(edge_of).chain(from.captured.iter().cloned().map(Some));
        let edges: Vec<_> = edges.collect();
        // A tracked tensor that is not among the inputs could be dropped recursively.
        let saved: [Input; N] = std::array::from_fn(|input| Input {
            x: if depends(input) { inputs[input].clone() } else { inputs[input].detach() },
            is_tracked: inputs[input].is_tracked(),
        });
        let expected = fingerprint(&value);
        let edge = record("checkpoint", edges, move |call: &mut Rule<'_>| {
            if let Some(g) = call.cotangent(0) {
                pull(&f, &saved, &from, expected, g, call);
            }
        });
        let value = value.moved_to_edge(Some(edge));
        if is_attended() { attend_saving("checkpoint", &inputs, &inputs, value) } else { value }
    }
}

/// An input as it is saved: in its place in the graph if the value depends on it.
struct Input {
    x: Tensor,
    /// Whether f saw it tracked, and must again: operations may round otherwise for it.
    is_tracked: bool,
}

impl Input {
    /// The input for one use of f, which stands alone; but where its gradients are recorded, they
    /// depend on the input.
    fn own(&self, differentiable: bool) -> Tensor {
        match self.is_tracked {
            true if differentiable && self.x.is_tracked() => self.x.named("input"),
            true => leaf(&self.x),
            false => self.x.clone(),
        }
    }
}

/// Computes again and gives each input, and each tensor that f captured, its gradient.
fn pull<const N: usize>(
    f: &dyn Fn([&Tensor; N]) -> Tensor,
    inputs: &[Input; N],
    from: &Dependencies,
    expected: u64,
    g: Tensor,
    call: &mut Rule<'_>,
) {
    let differentiable = is_recording();
    let recording = enable_grad();
    let own = inputs.each_ref().map(|input| input.own(differentiable));
    let since = Moment::now();
    let value = f(own.each_ref());
    drop(recording);
    let same = fingerprint(&value) == expected && Dependencies::new(&value, &own, since).same(from);
    assert!(
        same,
        "checkpoint: computed again, the value is another one: a parameter was updated in between, \
         or random numbers do not come from checkpoint_with_rng"
    );
    let edges: Vec<_> = (own.iter().map(Tensor::edge))
        .chain(from.captured.iter().map(Some))
        .enumerate()
        .filter_map(|(input, edge)| Some((input, edge.filter(|_| call.needs(input))?)))
        .collect();
    let of: Vec<_> = edges.iter().map(|&(_, edge)| edge).collect();
    let graph = if differentiable { Graph::Keep } else { Graph::Free };
    let root = value.edge().expect("the value depends on what it depended on before");
    let gradients = grad_since([(root, g)], &of, since.age(), graph);
    let gradients = gradients.unwrap_or_else(|error| panic!("{error}"));
    for ((input, _), gradient) in edges.iter().zip(gradients) {
        if let Some(gradient) = gradient {
            call.give(*input, gradient);
        }
    }
}

/// The same value as a leaf of its own.
fn leaf(x: &Tensor) -> Tensor {
    x.at_edge(Some(Leaf::new("input").edge()))
}

/// A number of the shape and the elements, which almost always differs for values that differ.
fn fingerprint(x: &Tensor) -> u64 {
    // The multiplier is 2^64 divided by the golden ratio, made odd.
    let mix = |h: u64, bits: u64| (h.rotate_left(5) ^ bits).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    // Zeros would leave a start of zero as it is.
    let shape = x.shape().iter().fold(0x9E37_79B9_7F4A_7C15, |h, &size| mix(h, size as u64));
    dispatch!(x.dtype(), any, |T| {
        let bits = |x: &T| x.to_f64().to_bits();
        match x.view::<T>().contiguous() {
            Some(elements) => elements.iter().map(bits).fold(shape, mix),
            None => x.view::<T>().to_vec().iter().map(bits).fold(shape, mix),
        }
    })
}

//! Differentiation: leaves, `backward`, `grad`, hooks and names, on tensors.

use std::sync::Arc;

use autograd_core::{Edge, Gradient, Graph, GraphFreed, Leaf, is_recording};

use crate::dtype::dispatch;
use crate::kernels::map::Light;
use crate::kernels::over::zip_over;
use crate::storage::Storage;
use crate::tensor::Value;
use crate::transforms::anomaly::check_seed;
use crate::{Element, Tensor};

impl Gradient for Tensor {
    fn plus(mut self, other: Self) -> Self {
        let differentiable = is_recording() && (self.is_tracked() || other.is_tracked());
        if !differentiable && self.shape() == other.shape() {
            let added = dispatch!(self.dtype(), float "backward", |T| {
                let sum = self.unique_mut::<T>();
                sum.map(|sum| zip_over::<Light, _, _>(sum, other.view::<T>(), &|a, b| a + b))
                    .is_some()
            });
            if added {
                return self;
            }
        }
        self + other
    }
}

/// How [`Tensor::backward_with`] runs.
#[derive(Clone, Debug)]
pub struct Backward {
    /// The gradient of what is differentiated with respect to the root, in the root's shape;
    /// `None` means one, for a root with a single element.
    pub seed: Option<Tensor>,
    /// Whether the saved values are kept for another pass.
    pub graph: Graph,
}

impl Default for Backward {
    fn default() -> Self {
        Self { seed: None, graph: Graph::Free }
    }
}

/// How [`grad_with`] runs.
#[derive(Clone, Debug)]
pub struct GradOptions {
    /// The gradient of what is differentiated with respect to the root, in the root's shape;
    /// `None` means one, for a root with a single element.
    pub seed: Option<Tensor>,
    /// Whether the saved values are kept for another pass. Differentiable gradients keep them.
    pub graph: Graph,
    /// Whether the gradients are recorded, so that they can be differentiated again.
    pub differentiable: bool,
}

impl Default for GradOptions {
    fn default() -> Self {
        Self { seed: None, graph: Graph::Free, differentiable: false }
    }
}

impl Tensor {
    /// This value as a leaf: operations on it are recorded, and [`backward`](Tensor::backward)
    /// stores its gradient, to be read with [`grad`](Tensor::grad).
    ///
    /// Each call makes a new leaf, of a leaf too. For a value that training changes use a
    /// [`Parameter`](crate::Parameter).
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type, or the tensor was computed from tracked ones.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from(3.0_f32).requires_grad();
    /// (&x * &x).backward();
    /// assert_eq!(x.grad().unwrap().item(), 6.0);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn requires_grad(&self) -> Tensor {
        assert!(
            self.dtype().is_float(),
            "requires_grad: needs a floating-point dtype: got {}",
            self.dtype()
        );
        assert!(
            !self.is_tracked() || self.is_leaf(),
            "requires_grad: the tensor was computed from tracked ones, which would be cut off: \
             shape {:?}; call detach first",
            self.shape()
        );
        self.at_edge(Some(Leaf::new("leaf").edge()))
    }

    /// Whether this is a leaf, whose gradient `backward` stores; `false` if it is not tracked.
    pub fn is_leaf(&self) -> bool {
        self.edge().is_some_and(|edge| edge.node().is_leaf())
    }

    /// The gradient that `backward` stored for this leaf, if it has reached it. Always `None` for a
    /// tensor that was computed: ask [`grad`](crate::grad()) or add a hook with
    /// [`on_grad`](Tensor::on_grad).
    pub fn grad(&self) -> Option<Tensor> {
        self.edge()?.node().grad()
    }

    /// Forgets this leaf's gradient.
    pub fn zero_grad(&self) {
        if let Some(edge) = self.edge() {
            edge.node().replace_grad(None);
        }
    }

    /// The same value, not tracked. The only way to cut a gradient.
    #[must_use]
    pub fn detach(&self) -> Tensor {
        self.at_edge(None)
    }

    /// The same value under a name for those who look at the graph.
    #[must_use]
    #[track_caller]
    pub fn named(&self, name: impl Into<Box<str>>) -> Tensor {
        match self.edge() {
            Some(edge) if is_recording() => self.recorded_at(autograd_core::named(edge, name)),
            _ => self.clone(),
        }
    }

    /// The same value, whose gradient passes through `hook` on its way back: `hook` sees the
    /// complete gradient and returns it, or another one of the same shape.
    ///
    /// # Panics
    ///
    /// In the backward pass, if the hook returns a gradient of another shape or dtype.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([1.0_f64, -4.0]).requires_grad();
    /// let clipped = x.on_grad(|g| g.clamp(-1.0, 1.0));
    /// (&clipped * &clipped).sum().backward();
    /// assert_eq!(x.grad().unwrap().to_vec::<f64>(), [1.0, -1.0]);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn on_grad(&self, hook: impl Fn(Tensor) -> Tensor + Send + Sync + 'static) -> Tensor {
        match self.edge() {
            Some(edge) if is_recording() => {
                let (shape, dtype) = (self.dims(), self.dtype());
                self.recorded_at(autograd_core::on_grad(edge, move |g| {
                    let g = hook(g);
                    assert!(
                        g.shape() == &shape[..] && g.dtype() == dtype,
                        "on_grad: the hook changed the gradient's type: {dtype} {shape:?} to {} {:?}",
                        g.dtype(),
                        g.shape()
                    );
                    // Where nothing is recorded, no graph may come along.
                    if is_recording() { g } else { g.moved_to_edge(None) }
                }))
            }
            _ => self.clone(),
        }
    }

    /// Adds d(self)/d(leaf) to the gradient of every leaf that self was computed from, and frees
    /// the graph.
    ///
    /// # Panics
    ///
    /// If self is not tracked or has more than one element, or if the graph was freed before; the
    /// message names the operation and the line that recorded it. Then nothing has changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{Parameter, Tensor};
    ///
    /// let w = Parameter::new(Tensor::from(1.0_f32));
    /// let x = Tensor::from([1.0_f32, 2.0]);
    /// (&w * &x).sum().backward();
    /// assert_eq!(w.grad().unwrap().item(), 3.0);
    /// ```
    #[track_caller]
    pub fn backward(&self) {
        self.backward_with(Backward::default());
    }

    /// As [`backward`](Tensor::backward), with a seed for a root of any shape, or keeping the graph.
    ///
    /// # Panics
    ///
    /// As `backward`, and if the seed's shape or dtype is not the root's.
    #[track_caller]
    pub fn backward_with(&self, options: Backward) {
        // Rules run unrecorded, but they may pass a seed on as it is: it must not bring a graph of
        // its own into a leaf.
        let (edge, seed) = root("backward", self, options.seed.map(|seed| seed.detach()));
        unwrap_graph(autograd_core::backward([(edge, seed)], options.graph));
    }
}

/// The root's edge and seed, checked.
#[track_caller]
fn root<'a>(operation: &str, root: &'a Tensor, seed: Option<Tensor>) -> (&'a Edge<Tensor>, Tensor) {
    let Some(edge) = root.edge() else {
        panic!(
            "{operation}: the root is not tracked: none of its inputs requires a gradient, or it \
             was computed without recording: shape {:?}",
            root.shape()
        );
    };
    let Some(seed) = seed else {
        assert!(
            root.numel() == 1,
            "{operation}: the root has several elements and no seed: shape {:?}",
            root.shape()
        );
        return (edge, root.one());
    };
    assert!(
        seed.shape() == root.shape() && seed.dtype() == root.dtype(),
        "{operation}: the seed differs from the root: {} {:?} for {} {:?}",
        seed.dtype(),
        seed.shape(),
        root.dtype(),
        root.shape()
    );
    check_seed(operation, &seed);
    (edge, seed)
}

impl Tensor {
    /// One, in the shape and dtype of self, which has a single element.
    fn one(&self) -> Tensor {
        let storage = dispatch!(self.dtype(), float "backward", |T| {
            Storage::scalar(T::from_f64(1.0))
        });
        Value::contiguous(storage, self.shape()).untracked()
    }
}

#[track_caller]
fn unwrap_graph<T>(result: Result<T, GraphFreed>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

/// The gradients of `root` with respect to `of`, without touching any leaf. Frees the graph.
///
/// # Panics
///
/// As [`Tensor::backward`], and if `root` does not depend on one of `of`: use [`grad_with`] where
/// that can be.
///
/// # Examples
///
/// ```
/// use tensor::{grad, Tensor};
///
/// let x = Tensor::from([1.0_f32, 2.0]).requires_grad();
/// let y = (&x * &x).sum();
/// let [dx] = grad(&y, [&x]);
/// assert_eq!(dx.to_vec::<f32>(), [2.0, 4.0]);
/// ```
#[track_caller]
pub fn grad<const N: usize>(root: &Tensor, of: [&Tensor; N]) -> [Tensor; N] {
    all_reached(grad_with(root, &of, GradOptions::default()))
}

/// As [`grad()`], but the gradients can be differentiated again, and the graph is kept.
///
/// # Panics
///
/// As [`grad()`].
///
/// # Examples
///
/// ```
/// use tensor::{differentiable_grad, grad, Tensor};
///
/// let x = Tensor::from(2.0_f64).requires_grad();
/// let [dx] = differentiable_grad(&x.powi(3), [&x]);
/// let [ddx] = grad(&dx, [&x]);
/// assert_eq!((dx.item(), ddx.item()), (12.0, 12.0)); // 3x², 6x
/// ```
#[track_caller]
pub fn differentiable_grad<const N: usize>(root: &Tensor, of: [&Tensor; N]) -> [Tensor; N] {
    let options = GradOptions { differentiable: true, ..GradOptions::default() };
    all_reached(grad_with(root, &of, options))
}

#[track_caller]
fn all_reached<const N: usize>(gradients: Vec<Option<Tensor>>) -> [Tensor; N] {
    if let Some(input) = gradients.iter().position(Option::is_none) {
        panic!("grad: the root does not depend on input {input}; grad_with allows that");
    }
    let mut gradients = gradients.into_iter().flatten();
    std::array::from_fn(|_| gradients.next().expect("one gradient for each input"))
}

/// The gradients of `root` with respect to `of`: with options, and `None` for those on which the
/// root does not depend.
///
/// # Panics
///
/// If the root is not tracked, if it needs a seed, or if the graph was freed before.
#[track_caller]
pub fn grad_with(root: &Tensor, of: &[&Tensor], options: GradOptions) -> Vec<Option<Tensor>> {
    let (edge, seed) = self::root("grad", root, options.seed);
    // A tensor that is not tracked stands for itself alone: nothing depends on it.
    let nowhere = Leaf::new("untracked").edge();
    let edges: Vec<_> = of.iter().map(|x| x.edge().unwrap_or(&nowhere)).collect();
    let roots = [(edge, seed)];
    unwrap_graph(if options.differentiable {
        autograd_core::differentiable_grad(roots, &edges)
    } else {
        autograd_core::grad(roots, &edges, options.graph)
    })
}

/// All nodes that `root` was computed from, oldest first; empty if it is not tracked.
pub fn ancestors(root: &Tensor) -> Vec<Arc<autograd_core::Node<Tensor>>> {
    autograd_core::ancestors(root.edge())
}

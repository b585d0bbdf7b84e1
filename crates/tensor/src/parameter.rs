//! A parameter: a place that holds a value, its identity in the graph, and its gradient.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use autograd_core::{Leaf, no_grad};

use crate::dtype::dispatch;
use crate::kernels::simd::{Loop, vectorised};
use crate::kernels::threads::for_each_part;
use crate::storage::Storage;
use crate::tensor::Value;
use crate::{Float, Tensor};

/// What training changes: a shared cell with a value, a leaf that keeps its identity, and the
/// gradient that [`backward`](Tensor::backward) accumulates.
///
/// Clones share the cell, so a model and its optimiser see the same parameter. A graph keeps the
/// values that it was recorded with: an update between forward and backward changes no gradient.
///
/// # Examples
///
/// ```
/// use tensor::{Parameter, Tensor};
///
/// let w = Parameter::new(Tensor::from(3.0_f32));
/// let loss = (&w * &w).sum();
/// w.update(|value| value + 100.0); // loss was recorded with w = 3
/// loss.backward();
/// assert_eq!(w.grad().unwrap().item(), 6.0);
/// ```
#[derive(Clone)]
pub struct Parameter(Arc<Cell>);

struct Cell {
    leaf: Leaf<Tensor>,
    /// Attached to the leaf while the parameter is trained; not tracked while it is frozen.
    value: Mutex<Tensor>,
}

/// An in-place update of a parameter's elements, with the gradient and any state beside them.
///
/// See [`Parameter::apply`].
pub trait Update: Clone + Sync {
    /// Computes new elements `x` from the gradient `g`, and changes `state` along. All slices have
    /// the same length. The update is installed even if this panics, so it must not.
    ///
    /// A large parameter is updated in parts, in any order and on several threads: what becomes of
    /// an element may depend on its own numbers alone.
    ///
    /// Mark it `#[inline(always)]`: it is then compiled for the widest instructions.
    fn update<T: Float>(&self, x: &mut [T], g: &[T], state: &mut [&mut [T]]);
}

impl Parameter {
    /// A parameter with this initial value; where the value came from is forgotten.
    ///
    /// # Panics
    ///
    /// If the dtype is not a floating-point type.
    #[track_caller]
    pub fn new(value: Tensor) -> Self {
        assert!(
            value.dtype().is_float(),
            "parameter: needs a floating-point dtype: got {}",
            value.dtype()
        );
        let leaf = Leaf::new("parameter");
        let value = Mutex::new(value.moved_to_edge(Some(leaf.edge())));
        Self(Arc::new(Cell { leaf, value }))
    }

    fn lock(&self) -> MutexGuard<'_, Tensor> {
        // A panic cannot leave the tensor half-written: it is replaced whole, or by `apply`, whose
        // updates must not panic.
        self.0.value.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value now, as a tensor whose gradient leads here. Later updates do not change it.
    pub fn tensor(&self) -> Tensor {
        self.lock().clone()
    }

    /// The gradient accumulated by backward passes; `None` if none has reached this parameter.
    pub fn grad(&self) -> Option<Tensor> {
        self.0.leaf.grad()
    }

    /// Whether a backward pass has reached this parameter since its gradient was last cleared.
    pub fn has_grad(&self) -> bool {
        self.0.leaf.has_grad()
    }

    /// Replaces the gradient, for example by a clipped one.
    ///
    /// # Panics
    ///
    /// If its shape or dtype is not the parameter's.
    #[track_caller]
    pub fn set_grad(&self, gradient: Option<Tensor>) {
        if let Some(gradient) = &gradient {
            check_same("set_grad", &self.lock(), gradient);
        }
        self.0.leaf.replace_grad(gradient.map(|g| g.detach()));
    }

    /// Forgets the gradient.
    pub fn zero_grad(&self) {
        self.0.leaf.replace_grad(None);
    }

    /// Installs `f(value)`. `f` runs on a snapshot, unrecorded and with no lock held; if it panics,
    /// nothing has changed.
    ///
    /// # Panics
    ///
    /// If the new value's shape or dtype is another; the old value stays.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::{Parameter, Tensor};
    ///
    /// let w = Parameter::new(Tensor::from([1.0_f32, 2.0]));
    /// w.update(|value| value * 0.5);
    /// assert_eq!(w.tensor().to_vec::<f32>(), [0.5, 1.0]);
    /// ```
    #[track_caller]
    pub fn update(&self, f: impl FnOnce(Tensor) -> Tensor) {
        let value = {
            let _guard = no_grad();
            f(self.tensor())
        };
        self.install(value);
    }

    /// Installs a value.
    ///
    /// # Panics
    ///
    /// If its shape or dtype is another; the old value stays.
    #[track_caller]
    pub fn set(&self, value: &Tensor) {
        self.install(value.clone());
    }

    #[track_caller]
    fn install(&self, value: Tensor) {
        // Where it came from is let go of before the lock is taken: it may be a whole graph.
        let value = value.moved_to_edge(None);
        let mut current = self.lock();
        check_same("parameter", &current, &value);
        let value = value.moved_to_edge(current.edge().cloned());
        let before = std::mem::replace(&mut *current, value);
        drop(current);
        drop(before); // outside the lock: it may be the last owner of a graph
    }

    /// Runs an optimiser's update in place: everything is checked first, memory is written only if
    /// no graph or snapshot shares it (else the value is copied first), and nothing is recorded.
    ///
    /// Without a gradient, or while frozen, nothing happens and `false` is returned. State tensors
    /// are kept by the optimiser; they have the parameter's shape and dtype.
    ///
    /// # Panics
    ///
    /// If a state tensor has another shape or dtype; then nothing has changed.
    #[track_caller]
    pub fn apply(&self, state: &mut [Tensor], update: &impl Update) -> bool {
        let Some(gradient) = self.grad() else {
            return false;
        };
        let mut value = self.lock();
        for tensor in state.iter().chain([&gradient]) {
            check_same("update", &value, tensor);
        }
        if !value.is_tracked() {
            return false;
        }
        let (stored, wide) = (value.dtype(), value.dtype().wide());
        if stored == wide {
            apply_in_place(&mut value, &gradient, state, update);
            return true;
        }
        // A storage format: computed in the wide one, and rounded at the end.
        let _guard = no_grad();
        let edge = value.edge().cloned();
        let mut wide_value = value.detach().to_dtype(wide);
        let mut wide_state: Vec<Tensor> = state.iter().map(|x| x.to_dtype(wide)).collect();
        apply_in_place(&mut wide_value, &gradient.to_dtype(wide), &mut wide_state, update);
        for (x, wide) in state.iter_mut().zip(&wide_state) {
            *x = wide.to_dtype(stored);
        }
        *value = wide_value.to_dtype(stored).at_edge(edge);
        true
    }

    /// Whether the parameter is trained: `true` unless it was frozen.
    pub fn is_trainable(&self) -> bool {
        self.lock().is_tracked()
    }

    /// Freezes the parameter (operations on it are not recorded), or trains it again.
    pub fn set_trainable(&self, trainable: bool) {
        let mut value = self.lock();
        if trainable != value.is_tracked() {
            *value = value.at_edge(trainable.then(|| self.0.leaf.edge()));
        }
    }

    /// The sizes of the axes.
    pub fn shape(&self) -> Vec<usize> {
        self.lock().shape().to_vec()
    }

    /// The number of elements.
    pub fn numel(&self) -> usize {
        self.lock().numel()
    }

    /// The type of the elements.
    pub fn dtype(&self) -> crate::DType {
        self.lock().dtype()
    }

    /// The only element, as `f64`.
    ///
    /// # Panics
    ///
    /// If there is not exactly one element.
    #[track_caller]
    pub fn item(&self) -> f64 {
        self.tensor().item()
    }

    /// Whether both are the same place: clones of each other.
    pub fn is_same(&self, other: &Parameter) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

#[track_caller]
fn check_same(operation: &str, parameter: &Tensor, given: &Tensor) {
    assert!(
        given.shape() == parameter.shape() && given.dtype() == parameter.dtype(),
        "{operation}: the parameter is {} {:?}: got {} {:?}",
        parameter.dtype(),
        parameter.shape(),
        given.dtype(),
        given.shape()
    );
}

/// Parameters larger than this are updated in parts of so many elements.
const PART: usize = 1 << 16;
/// What an element takes, in units of work: reading and writing several numbers.
const WORK: usize = 8;

/// An update as a loop for the widest instructions.
struct Apply<'a, 'b, T, U> {
    update: &'a U,
    x: &'a mut [T],
    g: &'a [T],
    state: &'a mut [&'b mut [T]],
}

impl<T: Float, U: Update> Loop for Apply<'_, '_, T, U> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        // Its numbers in registers: behind a reference they could change with any element that is
        // written, and as `f64` they would halve how many elements fit a vector.
        let update = self.update.clone();
        update.update(self.x, self.g, self.state);
    }
}

/// Runs the update on memory that nobody else holds.
fn apply_in_place(
    value: &mut Tensor,
    gradient: &Tensor,
    state: &mut [Tensor],
    update: &impl Update,
) {
    dispatch!(value.dtype(), float "update", |T| {
        make_unique::<T>(value);
        state.iter_mut().for_each(make_unique::<T>);
        let gradient = gradient.contiguous();
        let g = gradient.view::<T>().contiguous().expect("made contiguous above");
        let x = value.unique_mut::<T>().expect("made unique above");
        let mut state: Vec<&mut [T]> = state
            .iter_mut()
            .map(|tensor| tensor.unique_mut::<T>().expect("made unique above"))
            .collect();
        if x.len() <= PART {
            vectorised(Apply { update, x, g, state: &mut state });
            return;
        }
        let mut all = vec![x];
        all.append(&mut state);
        for_each_part(&mut all, PART, PART * WORK, &|i, parts| {
            let [x, state @ ..] = parts else { unreachable!("the elements come first") };
            let g = &g[i * PART..][..x.len()];
            vectorised(Apply { update, x, g, state });
        });
    });
}

/// Copies the tensor's elements to memory of its own, if anybody shares them.
fn make_unique<T: Float>(tensor: &mut Tensor) {
    if tensor.unique_mut::<T>().is_none() {
        let storage = Storage::from_vec(tensor.view::<T>().to_vec());
        let value = Value::contiguous(storage, tensor.shape());
        *tensor = match tensor.edge() {
            Some(edge) => value.tracked(edge.clone()),
            None => value.untracked(),
        };
    }
}

impl From<Tensor> for Parameter {
    #[track_caller]
    fn from(value: Tensor) -> Self {
        Self::new(value)
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tensor().fmt(f)
    }
}

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Parameter({:?})", self.tensor())
    }
}

//! The tensor: a value with shared storage, a layout, and its place in the graph.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use autograd_core::{Edge, Memory, Pullback, is_attended, is_recording, record};

use crate::dtype::Narrow as _;
use crate::kernels::View;
use crate::layout::Layout;
use crate::shape::{Dims, dims, numel};
use crate::shown::{Holders, Operation, attend, attend_recorded, attended, holders};
use crate::storage::{INLINE_BYTES, Storage, arc_with};
use crate::{DType, Element};

/// An n-dimensional array, and where it comes from if it is tracked.
///
/// A tensor is an immutable value: operations return new tensors, which share storage where they
/// can. Cloning is cheap. Operations on a tracked tensor are recorded, so that
/// [`backward`](Tensor::backward) and [`grad`](crate::grad()) can differentiate the result.
///
/// The operators `+ - * /` take tensors, parameters, references to them, and numbers. On the left of
/// an operator a number is an `f64` or an `i64` (more types there, and Rust could not tell which one
/// a literal means): write `&x * lr` for an `lr` of another type.
///
/// # Examples
///
/// ```
/// use tensor::Tensor;
///
/// let x = Tensor::from([1.0_f32, 2.0, 3.0]);
/// let y = (2.0 * &x + 1.0).sum();
/// assert_eq!(y.item(), 15.0);
/// ```
pub struct Tensor(Arc<Inner>);

impl Clone for Tensor {
    /// Cheap: the elements are shared. Of a storage format the clone has a handle of its own, which
    /// does not keep what kernels widened for this one.
    #[inline]
    fn clone(&self) -> Self {
        match self.0.value.storage {
            Storage::Narrow(_) => self.at_edge(self.edge().cloned()),
            Storage::Inline { .. } | Storage::Shared(_) => Self(Arc::clone(&self.0)),
        }
    }
}

struct Inner {
    value: Value,
    edge: Option<Edge<Tensor>>,
}

/// A tensor's elements without its place in the graph: what kernels return, and what a rule saves
/// of its own output.
#[derive(Clone)]
pub(crate) struct Value {
    pub(crate) storage: Storage,
    pub(crate) layout: Layout,
}

/// An operand of an operation: borrowed, or given away by the caller.
pub(crate) type Operand<'a> = Cow<'a, Tensor>;

/// Whether an operation on these inputs is recorded: recording is on, and one of them is tracked.
#[inline]
pub(crate) fn records(mut inputs: impl Iterator<Item = bool>) -> bool {
    is_recording() && inputs.any(|is_tracked| is_tracked)
}

/// A call of a tensor operation's backward rule.
pub(crate) type Rule<'a> = Pullback<'a, Tensor>;

impl Value {
    #[inline]
    pub(crate) fn new(storage: Storage, layout: Layout) -> Self {
        Self { storage, layout }
    }

    /// Contiguous storage in this shape.
    #[inline]
    pub(crate) fn contiguous(storage: Storage, shape: &[usize]) -> Self {
        Self { storage, layout: Layout::contiguous(shape) }
    }

    #[inline]
    pub(crate) fn view<T: Element>(&self) -> View<'_, T> {
        match &self.storage {
            Storage::Narrow(narrow) if T::DTYPE != narrow.dtype() => narrow.wide(&self.layout),
            storage => View { data: storage.slice::<T>(), layout: &self.layout },
        }
    }

    /// A tensor without a place in the graph.
    #[inline]
    pub(crate) fn untracked(self) -> Tensor {
        Tensor(arc_with(|| Inner { value: self, edge: None }))
    }

    #[inline]
    pub(crate) fn tracked(self, edge: Edge<Tensor>) -> Tensor {
        Tensor(arc_with(|| Inner { value: self, edge: Some(edge) }))
    }

    /// The result of an operation: recorded if recording is on and an input is tracked.
    ///
    /// `rule` builds the backward rule, which maps the output's cotangent to the inputs'; it is
    /// called, and so captures what it saves, only if the operation is recorded.
    #[track_caller]
    pub(crate) fn record<const N: usize, R>(
        self,
        operation: impl Operation,
        inputs: [&Tensor; N],
        rule: impl FnOnce() -> R,
    ) -> Tensor
    where
        R: Fn(Tensor, &mut Rule<'_>) + Send + Sync + 'static,
    {
        if records(inputs.iter().map(|input| input.is_tracked())) {
            let before = holders(&inputs);
            let edge = recorded(operation, inputs, rule());
            shown(operation, &inputs, before, self.tracked(edge))
        } else {
            attended(operation.name(), &inputs, self.untracked())
        }
    }

    /// As [`record`](Self::record), for contiguous elements in the shape and dtype of all inputs, as
    /// kernels compute them; a result that is not recorded takes the place of one of the first two
    /// inputs, if that was given away and nobody else holds it.
    #[track_caller]
    pub(crate) fn record_over<const N: usize, R>(
        elements: Storage,
        operation: impl Operation,
        inputs: [Operand<'_>; N],
        rule: impl FnOnce([&Tensor; N]) -> R,
    ) -> Tensor
    where
        R: Fn(Tensor, &mut Rule<'_>) + Send + Sync + 'static,
    {
        let is_recorded = records(inputs.iter().map(|input| input.is_tracked()));
        if !is_recorded && !is_attended() {
            let mut inputs = inputs.into_iter();
            let first = inputs.next().expect("an operation has inputs");
            return Tensor::untracked_over(elements, first, inputs.next());
        }
        let inputs = inputs.each_ref().map(|input| &**input);
        if is_recorded {
            let before = holders(&inputs);
            let edge = recorded(operation, inputs, rule(inputs));
            let output = Tensor::alike(inputs[0], elements, Some(edge));
            shown(operation, &inputs, before, output)
        } else {
            attend(operation.name(), &inputs, Tensor::alike(inputs[0], elements, None))
        }
    }
}

/// The place of an operation's output in the graph.
#[track_caller]
fn recorded<const N: usize, R>(
    operation: impl Operation,
    inputs: [&Tensor; N],
    rule: R,
) -> Edge<Tensor>
where
    R: Fn(Tensor, &mut Rule<'_>) + Send + Sync + 'static,
{
    let edges = inputs.map(|input| input.edge().cloned());
    record(operation.name(), edges, move |call: &mut Rule<'_>| {
        if let Some(g) = call.cotangent(0) {
            rule(g, call);
        }
    })
}

/// The output, shown to those who look, who counted the holders of the inputs before.
#[inline]
#[track_caller]
fn shown<const N: usize>(
    operation: impl Operation,
    inputs: &[&Tensor; N],
    before: Option<Holders<N>>,
    output: Tensor,
) -> Tensor {
    match before {
        None => output,
        Some(before) => attend_recorded(&operation, inputs, &before, output),
    }
}

impl Tensor {
    /// The sizes of the axes; empty for a 0-d tensor.
    #[inline]
    pub fn shape(&self) -> &[usize] {
        &self.0.value.layout.shape
    }

    /// The number of axes.
    #[inline]
    pub fn rank(&self) -> usize {
        self.0.value.layout.rank()
    }

    /// The number of elements.
    #[inline]
    pub fn numel(&self) -> usize {
        numel(self.shape())
    }

    /// The type of the elements.
    #[inline]
    pub fn dtype(&self) -> DType {
        self.0.value.storage.dtype()
    }

    /// The distance in storage between neighbours along each axis, in elements.
    pub fn strides(&self) -> &[usize] {
        &self.0.value.layout.strides
    }

    /// Whether the elements lie one after the other in storage, in row-major order.
    pub fn is_contiguous(&self) -> bool {
        self.0.value.layout.is_contiguous()
    }

    /// Whether operations on this tensor are recorded: it is a leaf that requires a gradient, or
    /// was computed from one.
    #[inline]
    pub fn is_tracked(&self) -> bool {
        self.0.edge.is_some()
    }

    /// The tensor's place in the graph, for tools that look at it.
    #[inline]
    pub fn edge(&self) -> Option<&Edge<Tensor>> {
        self.0.edge.as_ref()
    }

    /// A number that this tensor and its clones have in common, and no other tensor, as long as one
    /// of them is there; a clone of one in a storage format has a number of its own. For tools that
    /// look at the graph.
    pub fn id(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// The number of handles to this tensor.
    pub(crate) fn handles(&self) -> usize {
        Arc::strong_count(&self.0)
    }

    /// Whether both are views of the same memory.
    pub fn shares_memory(&self, other: &Tensor) -> bool {
        self.0.value.storage.shares_memory(&other.0.value.storage)
    }

    /// The memory that the elements lie in, which views share; up to sixteen bytes lie in the tensor
    /// itself. For tools that look at what a graph holds.
    pub fn memory(&self) -> Memory {
        let bytes = self.numel() * self.dtype().size();
        let inline = Memory { id: self.id(), bytes: bytes.min(INLINE_BYTES) };
        self.0.value.storage.memory().unwrap_or(inline)
    }

    /// The one way to the elements: everything that reads data goes through here.
    #[inline]
    pub(crate) fn view<T: Element>(&self) -> View<'_, T> {
        self.0.value.view()
    }

    #[inline]
    pub(crate) fn dims(&self) -> Dims {
        dims(self.shape())
    }

    #[inline]
    pub(crate) fn value(&self) -> &Value {
        &self.0.value
    }

    #[inline]
    pub(crate) fn layout(&self) -> &Layout {
        &self.0.value.layout
    }

    /// The same storage seen through another layout.
    pub(crate) fn with_layout(&self, layout: Layout) -> Value {
        Value::new(self.0.value.storage.clone(), layout)
    }

    /// The elements for writing in place, if nobody else holds them and they lie in order.
    pub(crate) fn unique_mut<T: Element>(&mut self) -> Option<&mut [T]> {
        let inner = Arc::get_mut(&mut self.0)?;
        let Layout { offset, .. } = inner.value.layout;
        if !inner.value.layout.is_contiguous() {
            return None;
        }
        let len = inner.value.layout.numel();
        if len == 0 {
            return Some(&mut []);
        }
        Some(&mut inner.value.storage.slice_mut::<T>()?[offset..offset + len])
    }

    /// The elements for writing over, of a tensor that nobody else holds; `None` if they do not
    /// start its memory, or are so few that the allocator has memory for a copy at hand.
    pub(crate) fn reusable<T: Element>(&mut self) -> Option<&mut [T]> {
        const FEW_BYTES: usize = 1 << 12;
        let Value { storage, layout } = self.value();
        let is_large = matches!(storage, Storage::Shared(buffer) if buffer.bytes() >= FEW_BYTES);
        if !is_large || layout.offset != 0 {
            return None;
        }
        self.unique_mut::<T>()
    }

    /// The model with other elements, contiguous and as kernels compute them, at this place in the
    /// graph.
    #[inline(never)]
    pub(crate) fn alike(model: &Tensor, elements: Storage, edge: Option<Edge<Tensor>>) -> Tensor {
        let (shape, dtype) = (model.shape(), model.dtype());
        if dtype.is_narrow() {
            let elements = elements.narrow(dtype);
            return Self::of_parts(elements, edge, || Layout::contiguous(shape));
        }
        // With the rank known the parts go straight to the heap. What is put together on the stack
        // is read back in wider pieces than it was written in, and the processor waits.
        match *shape {
            [] => Self::of_parts(elements, edge, || Layout::contiguous(&[])),
            [n] => Self::of_parts(elements, edge, || Layout::contiguous(&[n])),
            [m, n] => Self::of_parts(elements, edge, || Layout::contiguous(&[m, n])),
            _ => Self::of_parts(elements, edge, || Layout::contiguous(shape)),
        }
    }

    #[inline(always)]
    fn of_parts(
        storage: Storage,
        edge: Option<Edge<Tensor>>,
        layout: impl FnOnce() -> Layout,
    ) -> Tensor {
        Tensor(arc_with(|| Inner { value: Value { storage, layout: layout() }, edge }))
    }

    /// Contiguous elements, as kernels compute them, in the shape and dtype of the inputs, without a
    /// place in the graph; in the memory of an input if that is free.
    pub(crate) fn untracked_over(
        elements: Storage,
        a: Operand<'_>,
        b: Option<Operand<'_>>,
    ) -> Tensor {
        match (a, b) {
            (Operand::Owned(a), _) if a.handles() == 1 => a.refilled(elements),
            (_, Some(Operand::Owned(b))) if b.handles() == 1 => b.refilled(elements),
            (a, _) => Self::alike(&a, elements, None),
        }
    }

    /// With other elements, contiguous and as kernels compute them, and no place in the graph.
    fn refilled(mut self, elements: Storage) -> Tensor {
        let dtype = self.dtype();
        let Some(Inner { value, edge }) = Arc::get_mut(&mut self.0) else {
            return Self::alike(&self, elements, None);
        };
        value.storage = if dtype.is_narrow() { elements.narrow(dtype) } else { elements };
        if value.layout.offset != 0 || !value.layout.is_contiguous() {
            value.layout = Layout::contiguous(&value.layout.shape);
        }
        *edge = None;
        self
    }

    /// The same value at another place in the graph.
    pub(crate) fn at_edge(&self, edge: Option<Edge<Tensor>>) -> Tensor {
        Tensor(arc_with(|| Inner { value: self.0.value.clone(), edge }))
    }

    /// As `at_edge`, without a copy if nobody else holds the tensor.
    pub(crate) fn moved_to_edge(mut self, edge: Option<Edge<Tensor>>) -> Tensor {
        match Arc::get_mut(&mut self.0) {
            Some(inner) => inner.edge = edge,
            None => return self.at_edge(edge),
        }
        self
    }

    /// As `at_edge`, for a value that was just recorded there.
    #[track_caller]
    pub(crate) fn recorded_at(&self, edge: Edge<Tensor>) -> Tensor {
        let name = edge.node().name();
        attended(name, &[], self.at_edge(Some(edge)))
    }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} (shape {:?}, {})", self.shape(), self.dtype())
    }
}

//! Taking rows in any order, and its transpose: what all gathering and scattering is made of.

use std::sync::Arc;

use autograd_core::Memory;

use super::part::around;
use crate::create::expect;
use crate::dtype::dispatch;
use crate::kernels::View;
use crate::kernels::copy;
use crate::kernels::rows::{self, Rows};
use crate::layout::Layout;
use crate::scalar::Scalar;
use crate::shape::{Dims, checked_numel, numel};
use crate::shown::{Kept, kept};
use crate::storage::Storage;
use crate::tensor::{Rule, Value};
use crate::{DType, Element, Tensor, TensorError};

/// Rows of tensors of one shape, which in their order are a tensor of another shape.
pub(crate) struct Taking {
    /// The names of taking and of its transpose.
    pub(crate) names: [&'static str; 2],
    /// The shape of what is taken from.
    pub(crate) from: Dims,
    /// The shape of what is taken.
    pub(crate) to: Dims,
    pub(crate) rows: Rows,
    /// The axis along which they are taken, if it is one.
    axis: Option<usize>,
}

impl Kept for Taking {
    fn blocks(&self, note: &mut dyn FnMut(Memory)) {
        self.rows.blocks(note);
    }
}

impl Taking {
    /// These positions along an axis, which must be in range.
    pub(crate) fn along(
        names: [&'static str; 2],
        from: &[usize],
        axis: usize,
        positions: Vec<usize>,
    ) -> Arc<Self> {
        let to = super::part::with_size(from, axis, positions.len());
        let rows = Rows::new(around(from, axis), positions);
        Arc::new(Self { names, from: Dims::from_slice(from), to, rows, axis: Some(axis) })
    }

    /// Rows of `inner` elements at these places in row-major order, which must be in range.
    pub(crate) fn flat(
        names: [&'static str; 2],
        from: &[usize],
        inner: usize,
        positions: Vec<usize>,
        to: &[usize],
    ) -> Arc<Self> {
        let rows = Rows::new([1, numel(from) / inner.max(1), inner], positions);
        let (from, to) = (Dims::from_slice(from), Dims::from_slice(to));
        Arc::new(Self { names, from, to, rows, axis: None })
    }

    /// Of the rows taken, those whose place another one takes later; `None` if there are none.
    fn shadowed(&self) -> Option<Arc<Self>> {
        if self.rows.inner == 0 {
            return None;
        }
        let mut seen = vec![false; self.rows.size];
        let positions = self.rows.positions();
        let latest_first = positions.iter().enumerate().rev();
        let shadowed: Vec<usize> = latest_first
            .filter(|&(_, &position)| std::mem::replace(&mut seen[position], true))
            .map(|(row, _)| row)
            .collect();
        if shadowed.is_empty() {
            return None;
        }
        let Rows { outer, len, inner, .. } = self.rows;
        let rows = Rows::new([outer, len, inner], shadowed);
        // What would be taken is of no interest: these rows are only filled.
        let to = Dims::from_slice(&[outer, rows.len, inner]);
        Some(Arc::new(Self { names: self.names, from: self.to.clone(), to, rows, axis: None }))
    }
}

/// The elements of `x`, then changed by `change`.
fn changed<T: Element>(x: View<'_, T>, change: impl FnOnce(&mut [T])) -> Storage {
    Storage::build(x.layout.numel(), |out: &mut [T]| {
        match x.contiguous() {
            Some(x) => out.copy_from_slice(x),
            None => copy::write(out, &Layout::contiguous(&x.layout.shape), x),
        }
        change(out);
    })
}

impl Tensor {
    /// The rows, in order.
    #[track_caller]
    pub(crate) fn taken(&self, taking: &Arc<Taking>) -> Tensor {
        let Taking { names: [name, _], to, rows, .. } = &**taking;
        let numel = expect(checked_numel(name, to, self.dtype().size()));
        let few = rows.len * 2 < rows.size && !self.is_contiguous();
        let storage = dispatch!(self.dtype(), any, |T| match taking.axis {
            // Bringing all elements in order would cost more than it gains.
            Some(axis) if few => {
                copy::index_select(self.view::<T>(), axis, &rows.positions(), to)
            }
            _ => {
                let x = self.view::<T>().in_order();
                Storage::build(numel, |out| rows::take::<T>(&x, rows, out))
            }
        });
        Value::contiguous(storage, to).record(*name, [self], || {
            let taking = kept(Arc::clone(taking));
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.returned(&taking))
        })
    }

    /// Zeros with self added at the rows: the transpose of taking them.
    #[track_caller]
    pub(crate) fn returned(&self, taking: &Arc<Taking>) -> Tensor {
        let Taking { names: [_, name], from, rows, .. } = &**taking;
        let storage = dispatch!(self.dtype(), number name, |T| {
            let source = self.view::<T>().in_order();
            Storage::build(numel(from), |out: &mut [T]| {
                out.fill(T::default());
                rows::add(out, rows, &source);
            })
        });
        Value::contiguous(storage, from).record(*name, [self], || {
            let taking = kept(Arc::clone(taking));
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.taken(&taking))
        })
    }

    /// Self with `source` added at the rows, one after the other.
    #[track_caller]
    pub(super) fn with_added(&self, taking: &Arc<Taking>, source: &Tensor) -> Tensor {
        let Taking { names: [_, name], rows, .. } = &**taking;
        let storage = dispatch!(self.dtype(), number name, |T| {
            let source = source.view::<T>().in_order();
            changed(self.view::<T>(), |out| rows::add(out, rows, &source))
        });
        Value::contiguous(storage, self.shape()).record(*name, [self, source], || {
            let taking = kept(Arc::clone(taking));
            move |g: Tensor, call: &mut Rule<'_>| {
                if call.needs(1) {
                    call.give(1, g.taken(&taking));
                }
                call.give(0, g);
            }
        })
    }

    /// Self with `source` at the rows; of several in one place the last one stays.
    #[track_caller]
    pub(super) fn with_put(&self, taking: &Arc<Taking>, source: &Tensor) -> Tensor {
        let Taking { names: [_, name], rows, .. } = &**taking;
        let storage = dispatch!(self.dtype(), any, |T| {
            let source = source.view::<T>().in_order();
            changed(self.view::<T>(), |out| rows::put(out, rows, &source))
        });
        Value::contiguous(storage, self.shape()).record(*name, [self, source], || {
            let taking = kept(Arc::clone(taking));
            let shadowed = kept(if source.is_tracked() { taking.shadowed() } else { None });
            move |g: Tensor, call: &mut Rule<'_>| {
                if call.needs(1) {
                    let taken = g.taken(&taking);
                    call.give(
                        1,
                        match &shadowed {
                            Some(rows) => taken.filled(rows, 0.into()),
                            None => taken,
                        },
                    );
                }
                if call.needs(0) {
                    call.give(0, g.filled(&taking, 0.into()));
                }
            }
        })
    }

    /// Self with `x` at the rows.
    #[track_caller]
    pub(super) fn filled(&self, taking: &Arc<Taking>, x: Scalar) -> Tensor {
        let Taking { names: [_, name], rows, .. } = &**taking;
        let storage = dispatch!(self.dtype(), number name, |T| {
            let x: T = x.held(name, self.dtype());
            changed(self.view::<T>(), |out| rows::fill(out, rows, x))
        });
        Value::contiguous(storage, self.shape()).record(*name, [self], || {
            let taking = kept(Arc::clone(taking));
            move |g: Tensor, call: &mut Rule<'_>| call.give(0, g.filled(&taking, 0.into()))
        })
    }
}

/// What a negative index means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Negative {
    /// It is out of range.
    Refused,
    /// It counts from the back.
    FromBack,
}

/// The position that an index means along its axis.
#[inline]
pub(super) fn checked(
    operation: &'static str,
    index: i64,
    axis: usize,
    size: usize,
    negative: Negative,
) -> Result<usize, TensorError> {
    let wrap = if index < 0 && negative == Negative::FromBack { size as i64 } else { 0 };
    match usize::try_from(index.saturating_add(wrap)) {
        Ok(position) if position < size => Ok(position),
        _ => Err(TensorError::IndexOutOfRange { operation, index, axis, size }),
    }
}

/// A tensor of indices holds integers.
#[track_caller]
pub(super) fn check_integers(operation: &str, index: &Tensor) {
    assert!(
        matches!(index.dtype(), DType::I64 | DType::I32),
        "{operation}: the index does not hold integers: got {}",
        index.dtype()
    );
}

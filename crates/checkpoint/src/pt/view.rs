//! A tensor as some elements of a storage: an offset, sizes and strides.

use data::Problem;
use tensor::{DType, Element, Tensor};

use super::bytes::malformed;
use super::value::View;

impl View<'_> {
    /// The tensor: a part of the storage's memory if its elements lie in order there, else a copy,
    /// as long as all of them together are no larger than was allowed.
    pub(super) fn of(&self, storage: &Tensor, copies: &mut u64) -> Result<Tensor, Problem> {
        let Self { offset, shape, strides, .. } = self;
        if shape.contains(&0) {
            return Tensor::try_zeros(shape, storage.dtype()).or_else(|e| malformed(e.to_string()));
        }
        let Some(numel) = self.numel().filter(|_| self.lies_inside(storage.numel())) else {
            return malformed(format!(
                "a tensor outside of its storage of {} elements: from {offset}, sizes {shape:?}, \
                 strides {strides:?}",
                storage.numel()
            ));
        };
        if self.lies_in_order() {
            let sizes: Vec<isize> = shape.iter().map(|&size| size as isize).collect();
            return Ok(storage.narrow(0, *offset as isize, numel).reshape(&sizes));
        }
        let bytes = (numel as u64).saturating_mul(storage.dtype().size() as u64);
        let Some(rest) = copies.checked_sub(bytes) else {
            return Err(Problem::TooLarge { bytes, limit: *copies });
        };
        *copies = rest;
        match storage.dtype() {
            DType::F32 => self.copy::<f32>(storage, numel),
            DType::F64 => self.copy::<f64>(storage, numel),
            DType::F16 => self.copy::<tensor::f16>(storage, numel),
            DType::BF16 => self.copy::<tensor::bf16>(storage, numel),
            DType::I64 => self.copy::<i64>(storage, numel),
            DType::I32 => self.copy::<i32>(storage, numel),
            DType::U8 => self.copy::<u8>(storage, numel),
            DType::Bool => self.copy::<bool>(storage, numel),
            other => malformed(format!("an element type that is not read: {other}")),
        }
    }

    fn numel(&self) -> Option<usize> {
        self.shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size))
    }

    fn lies_inside(&self, storage: usize) -> bool {
        let mut steps = self.shape.iter().zip(&self.strides);
        let last = steps.try_fold(self.offset, |last, (&size, &stride)| {
            last.checked_add((size - 1).checked_mul(stride)?)
        });
        last.is_some_and(|last| last < storage)
    }

    /// Whether this is row-major order without gaps.
    fn lies_in_order(&self) -> bool {
        let mut expected = 1;
        self.shape.iter().zip(&self.strides).rev().all(|(&size, &stride)| {
            let fits = size == 1 || stride == expected;
            expected *= size; // no more than the number of elements, which fits
            fits
        })
    }

    fn copy<T: Element>(&self, storage: &Tensor, numel: usize) -> Result<Tensor, Problem> {
        let all = storage.as_slice::<T>().expect("a storage was read as one row");
        let mut position = vec![0; self.shape.len()];
        let mut place = self.offset;
        let mut elements = Vec::with_capacity(numel);
        for _ in 0..numel {
            elements.push(all[place]);
            place = self.after(place, &mut position);
        }
        Tensor::try_from_vec(elements, &self.shape).or_else(|e| malformed(e.to_string()))
    }

    /// Where the next element in row-major order lies.
    fn after(&self, mut place: usize, position: &mut [usize]) -> usize {
        for axis in (0..position.len()).rev() {
            let (size, stride) = (self.shape[axis], self.strides[axis]);
            if position[axis] + 1 < size {
                position[axis] += 1;
                return place + stride;
            }
            place -= stride * position[axis];
            position[axis] = 0;
        }
        place
    }
}

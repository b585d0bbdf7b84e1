//! Tensors from Rust values and back: numbers, slices, vectors, nested arrays, `ndarray`.

use ndarray::{Array, ArrayView, ArrayViewD, Dimension, IxDyn, ShapeBuilder};

use crate::dtype::dispatch;
use crate::layout::Layout;
use crate::shape::Dims;
use crate::storage::Storage;
use crate::tensor::Value;
use crate::{Element, Tensor};

/// A number, or an array of such, nested to any depth.
pub trait Nested {
    /// The innermost type.
    type Element: Element;

    /// Appends the sizes from the outermost to the innermost.
    fn sizes(shape: &mut Vec<usize>);

    /// Appends the elements in row-major order.
    fn flatten(self, out: &mut Vec<Self::Element>);
}

impl<T: Element> Nested for T {
    type Element = T;

    fn sizes(_: &mut Vec<usize>) {}

    fn flatten(self, out: &mut Vec<T>) {
        out.push(self);
    }
}

impl<T: Nested, const N: usize> Nested for [T; N] {
    type Element = T::Element;

    fn sizes(shape: &mut Vec<usize>) {
        shape.push(N);
        T::sizes(shape);
    }

    fn flatten(self, out: &mut Vec<T::Element>) {
        for part in self {
            part.flatten(out);
        }
    }
}

/// # Examples
///
/// ```
/// use tensor::Tensor;
///
/// assert_eq!(Tensor::from([[1.0_f32, 2.0, 3.0], [4.0, 5.0, 6.0]]).shape(), [2, 3]);
/// assert_eq!(Tensor::from(7_i64).shape(), []);
/// ```
impl<T: Nested> From<T> for Tensor {
    fn from(x: T) -> Self {
        let (mut shape, mut data) = (Vec::new(), Vec::new());
        T::sizes(&mut shape);
        x.flatten(&mut data);
        Tensor::from_vec(data, &shape)
    }
}

impl<T: Element> From<Vec<T>> for Tensor {
    /// A 1-d tensor; the vector is adopted, not copied.
    fn from(data: Vec<T>) -> Self {
        let len = data.len();
        Tensor::from_vec(data, &[len])
    }
}

impl<T: Element> From<&[T]> for Tensor {
    fn from(data: &[T]) -> Self {
        Tensor::from(data.to_vec())
    }
}

impl<T: Element, D: Dimension> From<Array<T, D>> for Tensor {
    /// The array's memory is adopted; it is copied only if an axis runs backwards.
    fn from(array: Array<T, D>) -> Self {
        let shape: Dims = array.shape().into();
        let strides: Option<Dims> =
            array.strides().iter().map(|&stride| usize::try_from(stride).ok()).collect();
        match strides {
            Some(strides) if !array.is_empty() => {
                let (data, offset) = array.into_raw_vec_and_offset();
                let layout = Layout { shape, strides, offset: offset.unwrap_or(0) };
                Value::new(Storage::from_vec(data), layout).untracked()
            }
            _ => Tensor::from_vec(array.iter().copied().collect(), &shape),
        }
    }
}

impl<T: Element, D: Dimension> From<ArrayView<'_, T, D>> for Tensor {
    /// The elements are copied.
    fn from(array: ArrayView<'_, T, D>) -> Self {
        Tensor::from_vec(array.iter().copied().collect(), array.shape())
    }
}

impl Tensor {
    /// The only element, as `f64`; exact for `f32` and `bool`.
    ///
    /// # Panics
    ///
    /// If there is not exactly one element: `item: needs one element: got shape [2]`.
    #[track_caller]
    pub fn item(&self) -> f64 {
        assert!(self.numel() == 1, "item: needs one element: got shape {:?}", self.shape());
        dispatch!(self.dtype(), any, |T| {
            self.view::<T>().single().expect("there is one element").to_f64()
        })
    }

    /// The elements in row-major order, copied.
    ///
    /// # Panics
    ///
    /// If the dtype is not `T`'s: `to_vec: the tensor holds f32: asked for f64`.
    #[track_caller]
    pub fn to_vec<T: Element>(&self) -> Vec<T> {
        self.check_holds::<T>("to_vec");
        self.view::<T>().to_vec()
    }

    /// The elements in row-major order as a slice, if they lie so in memory.
    ///
    /// # Panics
    ///
    /// If the dtype is not `T`'s.
    #[track_caller]
    pub fn as_slice<T: Element>(&self) -> Option<&[T]> {
        self.check_holds::<T>("as_slice");
        self.view::<T>().contiguous()
    }

    /// The elements as an `ndarray` view, without copying, whatever the layout.
    ///
    /// # Panics
    ///
    /// If the dtype is not `T`'s.
    ///
    /// # Examples
    ///
    /// ```
    /// use tensor::Tensor;
    ///
    /// let x = Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.t().as_ndarray::<f32>()[[0, 1]], 3.0);
    /// ```
    #[track_caller]
    pub fn as_ndarray<T: Element>(&self) -> ArrayViewD<'_, T> {
        self.check_holds::<T>("as_ndarray");
        let view = self.view::<T>();
        if self.numel() == 0 {
            // `ndarray` checks the strides of an empty view too, against a slice that is empty.
            return ArrayViewD::from_shape(IxDyn(self.shape()), &[]).expect("nothing is empty");
        }
        let shape = IxDyn(&view.layout.shape).strides(IxDyn(&view.layout.strides));
        ArrayViewD::from_shape(shape, &view.data[view.layout.offset..])
            .expect("a layout lies inside its storage, and a read-only view may repeat elements")
    }

    /// The elements of an integer tensor, for use as positions.
    pub(crate) fn to_positions(&self) -> Vec<i64> {
        self.view::<i64>().to_vec()
    }

    #[track_caller]
    fn check_holds<T: Element>(&self, operation: &str) {
        assert!(
            self.dtype() == T::DTYPE,
            "{operation}: the tensor holds {}: asked for {}",
            self.dtype(),
            T::DTYPE
        );
    }
}

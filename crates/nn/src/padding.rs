//! Padding layers: more positions at the ends of the last `N` axes, or fewer.
//!
//! The numbers are pairs, one for each axis, the last axis first, as in PyTorch:
//! `[[left, right], [top, bottom]]`. A negative number crops.

use tensor::{PadMode, Scalar, Tensor};

use crate::Module;

/// Layers that pad in one mode, some with an option.
macro_rules! layers {
    ($($name:ident $(($option:ident: $type:ty))? => |$layer:ident| $mode:expr;)*) => {$(
        impl<const N: usize> $name<N> {
            /// So many before and after each axis, the last axis first.
            pub fn new(padding: [[isize; 2]; N] $(, $option: $type)?) -> Self {
                Self { padding $(, $option: $option.into())? }
            }

            /// The padded x.
            ///
            /// # Panics
            ///
            /// If x has too few axes or too few positions, or more is cropped than there is.
            #[track_caller]
            pub fn forward(&self, x: &Tensor) -> Tensor {
                let _scope = self.enter();
                let $layer = self;
                x.pad($layer.padding.as_flattened(), $mode)
            }
        }
    )*};
}

/// A number at the ends.
///
/// # Examples
///
/// ```
/// use nn::ConstantPad1d;
/// use tensor::Tensor;
///
/// let y = ConstantPad1d::new([[1, 2]], 9.0).forward(&Tensor::from([1.0_f32, 2.0]));
/// assert_eq!(y.to_vec::<f32>(), [9.0, 1.0, 2.0, 9.0, 9.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConstantPad<const N: usize> {
    padding: [[isize; 2]; N],
    value: Scalar,
}

/// A number at the ends of signals.
pub type ConstantPad1d = ConstantPad<1>;

/// A number around images.
pub type ConstantPad2d = ConstantPad<2>;

/// Zeros at the ends.
///
/// # Examples
///
/// ```
/// use nn::ZeroPad1d;
/// use tensor::Tensor;
///
/// let y = ZeroPad1d::new([[2, 1]]).forward(&Tensor::from([[1.0_f32, 2.0, 3.0]]));
/// assert_eq!(y.to_vec::<f32>(), [0.0, 0.0, 1.0, 2.0, 3.0, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZeroPad<const N: usize> {
    padding: [[isize; 2]; N],
}

/// Zeros at the ends of signals.
pub type ZeroPad1d = ZeroPad<1>;

/// Zeros around images.
pub type ZeroPad2d = ZeroPad<2>;

/// The tensor mirrored at its first and last position, which are not repeated.
///
/// # Examples
///
/// ```
/// use nn::ReflectionPad1d;
/// use tensor::Tensor;
///
/// let y = ReflectionPad1d::new([[2, 1]]).forward(&Tensor::from([[1.0_f32, 2.0, 3.0]]));
/// assert_eq!(y.to_vec::<f32>(), [3.0, 2.0, 1.0, 2.0, 3.0, 2.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReflectionPad<const N: usize> {
    padding: [[isize; 2]; N],
}

/// Signals mirrored at their ends.
pub type ReflectionPad1d = ReflectionPad<1>;

/// Images mirrored at their borders.
pub type ReflectionPad2d = ReflectionPad<2>;

/// The first and the last position again and again.
///
/// # Examples
///
/// ```
/// use nn::ReplicationPad1d;
/// use tensor::Tensor;
///
/// let y = ReplicationPad1d::new([[2, 1]]).forward(&Tensor::from([[1.0_f32, 2.0, 3.0]]));
/// assert_eq!(y.to_vec::<f32>(), [1.0, 1.0, 1.0, 2.0, 3.0, 3.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicationPad<const N: usize> {
    padding: [[isize; 2]; N],
}

/// Signals with their ends repeated.
pub type ReplicationPad1d = ReplicationPad<1>;

/// Images with their borders repeated.
pub type ReplicationPad2d = ReplicationPad<2>;

/// The other end, as if each axis were a circle.
///
/// # Examples
///
/// ```
/// use nn::CircularPad1d;
/// use tensor::Tensor;
///
/// let y = CircularPad1d::new([[2, 1]]).forward(&Tensor::from([[1.0_f32, 2.0, 3.0]]));
/// assert_eq!(y.to_vec::<f32>(), [2.0, 3.0, 1.0, 2.0, 3.0, 1.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircularPad<const N: usize> {
    padding: [[isize; 2]; N],
}

/// Signals that go on at their other end.
pub type CircularPad1d = CircularPad<1>;

/// Images that go on at their other side.
pub type CircularPad2d = CircularPad<2>;

layers! {
    ConstantPad(value: impl Into<Scalar>) => |layer| PadMode::Constant(layer.value);
    ZeroPad => |layer| PadMode::from(0);
    ReflectionPad => |layer| PadMode::Reflect;
    ReplicationPad => |layer| PadMode::Replicate;
    CircularPad => |layer| PadMode::Circular;
}

without_parts!(
    {const N: usize} ConstantPad<N>,
    {const N: usize} ZeroPad<N>,
    {const N: usize} ReflectionPad<N>,
    {const N: usize} ReplicationPad<N>,
    {const N: usize} CircularPad<N>,
);
indifferent!(
    {const N: usize} ConstantPad<N>,
    {const N: usize} ZeroPad<N>,
    {const N: usize} ReflectionPad<N>,
    {const N: usize} ReplicationPad<N>,
    {const N: usize} CircularPad<N>,
);

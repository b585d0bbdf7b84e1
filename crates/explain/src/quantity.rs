//! A value as it is shown: whole if it is small, otherwise a few statistics.

use std::fmt;

use autograd_core::{Edge, Gradient, Memory};
use tensor::Tensor;

use crate::number::{nested, short};

/// Values with at most this many elements are shown whole.
pub const WHOLE: usize = 16;

/// A number or a tensor to be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// The name of the elements' type.
    pub dtype: String,
    /// The sizes of the axes; empty for a number.
    pub shape: Vec<usize>,
    /// What is known of the elements.
    pub elements: Elements,
    /// √Σx².
    pub norm: f64,
}

/// The elements of a [`Quantity`], or what is known of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Elements {
    /// All of them, in row-major order.
    Whole(Vec<f64>),
    /// Statistics of those that are finite, and the numbers of those that are not.
    Statistics {
        /// The smallest.
        min: f64,
        /// The largest.
        max: f64,
        /// Their mean.
        mean: f64,
        /// Their standard deviation, with the number of elements as the divisor.
        std: f64,
        /// How many are NaN.
        nan: usize,
        /// How many are infinite.
        infinite: usize,
    },
}

impl Quantity {
    /// Of these elements, in row-major order.
    pub fn new(dtype: impl Into<String>, shape: &[usize], elements: Vec<f64>) -> Self {
        let norm = elements.iter().map(|x| x * x).sum::<f64>().sqrt();
        let is_small = elements.len() <= WHOLE;
        let elements = if is_small { Elements::Whole(elements) } else { statistics(&elements) };
        Self { dtype: dtype.into(), shape: shape.to_vec(), elements, norm }
    }

    /// The number of elements.
    pub fn numel(&self) -> usize {
        self.shape.iter().product()
    }

    /// The only element, if there is exactly one.
    pub fn number(&self) -> Option<f64> {
        match &self.elements {
            Elements::Whole(elements) if elements.len() == 1 => Some(elements[0]),
            _ => None,
        }
    }

    /// Type and shape: `f32 [2, 3]`.
    pub fn kind(&self) -> String {
        format!("{} {:?}", self.dtype, self.shape)
    }
}

fn statistics(elements: &[f64]) -> Elements {
    let finite = || elements.iter().copied().filter(|x| x.is_finite());
    let nan = elements.iter().filter(|x| x.is_nan()).count();
    let count = finite().count();
    let mean = finite().sum::<f64>() / count as f64;
    let variance = finite().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count as f64;
    Elements::Statistics {
        min: finite().reduce(f64::min).unwrap_or(f64::NAN),
        max: finite().reduce(f64::max).unwrap_or(f64::NAN),
        mean,
        std: variance.sqrt(),
        nan,
        infinite: elements.len() - count - nan,
    }
}

impl fmt::Display for Quantity {
    /// A number as it is; a small tensor in brackets; statistics of a large one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.elements {
            Elements::Whole(elements) => f.write_str(&nested(elements, &self.shape, &self.dtype)),
            Elements::Statistics { min, max, mean, std, nan, infinite } => {
                let [min, max, mean, std, norm] = [*min, *max, *mean, *std, self.norm].map(short);
                let kind = self.kind();
                write!(f, "{kind} mean {mean}, std {std}, from {min} to {max}, norm {norm}")?;
                if nan + infinite > 0 {
                    write!(f, ", {nan} NaN, {infinite} infinite")?;
                }
                Ok(())
            }
        }
    }
}

/// A value that flows through a graph and can be shown: numbers and tensors.
pub trait Look: Gradient + 'static {
    /// What there is to show.
    fn quantity(&self) -> Quantity;

    /// The cotangent of ones in this value's shape and type.
    #[must_use]
    fn ones(&self) -> Self;

    /// A number that tells this value from others as long as it is there.
    fn id(&self) -> usize;

    /// The value's place in the graph, if it knows that.
    fn edge(&self) -> Option<&Edge<Self>>;

    /// The memory that the elements lie in.
    fn memory(&self) -> Memory;

    /// Whether both are the same elements, in other shapes perhaps.
    fn is_view_of(&self, other: &Self) -> bool;
}

impl Look for f64 {
    fn quantity(&self) -> Quantity {
        Quantity::new("f64", &[], vec![*self])
    }

    fn ones(&self) -> Self {
        1.0
    }

    fn id(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    fn edge(&self) -> Option<&Edge<Self>> {
        None
    }

    fn memory(&self) -> Memory {
        Memory { id: self.id(), bytes: size_of::<f64>() }
    }

    fn is_view_of(&self, _: &Self) -> bool {
        false
    }
}

impl Look for Tensor {
    fn quantity(&self) -> Quantity {
        let elements = self.detach().to_dtype(tensor::DType::F64).to_vec::<f64>();
        Quantity::new(self.dtype().to_string(), self.shape(), elements)
    }

    fn ones(&self) -> Self {
        Tensor::ones(self.shape(), self.dtype())
    }

    fn id(&self) -> usize {
        Tensor::id(self)
    }

    fn edge(&self) -> Option<&Edge<Self>> {
        Tensor::edge(self)
    }

    fn memory(&self) -> Memory {
        Tensor::memory(self)
    }

    fn is_view_of(&self, other: &Self) -> bool {
        self.shares_memory(other)
    }
}

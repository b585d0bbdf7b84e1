//! Items as a batch.

use tensor::Tensor;

/// What can be put side by side in a batch.
pub trait Collate: Sized {
    /// What a batch of these is.
    type Batch: Send;

    /// The batch of these items, of which there is at least one.
    ///
    /// # Panics
    ///
    /// If they do not fit together, such as tensors of different shapes.
    fn collate(items: Vec<Self>) -> Self::Batch;
}

impl Collate for Tensor {
    /// The items along a new first axis.
    type Batch = Tensor;

    #[track_caller]
    fn collate(items: Vec<Self>) -> Tensor {
        Tensor::stack(&items, 0)
    }
}

impl<const N: usize> Collate for [Tensor; N] {
    type Batch = [Tensor; N];

    #[track_caller]
    fn collate(items: Vec<Self>) -> [Tensor; N] {
        std::array::from_fn(|i| {
            let column: Vec<Tensor> = items.iter().map(|item| item[i].clone()).collect();
            Tensor::stack(&column, 0)
        })
    }
}

impl<A: Collate, B: Collate> Collate for (A, B) {
    type Batch = (A::Batch, B::Batch);

    #[track_caller]
    fn collate(items: Vec<Self>) -> Self::Batch {
        let (a, b) = items.into_iter().unzip();
        (A::collate(a), B::collate(b))
    }
}

macro_rules! numbers {
    ($($t:ty),*) => {$(
        impl Collate for $t {
            /// A tensor with one axis.
            type Batch = Tensor;

            fn collate(items: Vec<Self>) -> Tensor {
                Tensor::from(items)
            }
        }
    )*};
}

numbers!(f32, f64, i64, bool);

impl Collate for String {
    type Batch = Vec<String>;

    fn collate(items: Vec<Self>) -> Vec<String> {
        items
    }
}

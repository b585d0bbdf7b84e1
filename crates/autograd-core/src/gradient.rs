//! What the engine asks of a value that flows through the graph.

/// A value that can be a gradient.
///
/// Where several paths reach the same node, their contributions are added; nothing else is ever
/// asked of a gradient.
pub trait Gradient: Clone + Send + Sync + 'static {
    /// `self + other`. Both are gradients of the same value, so they have the same shape.
    ///
    /// While a differentiable gradient is computed, the addition must itself be recorded.
    #[must_use]
    fn plus(self, other: Self) -> Self;
}

impl Gradient for f32 {
    fn plus(self, other: Self) -> Self {
        self + other
    }
}

impl Gradient for f64 {
    fn plus(self, other: Self) -> Self {
        self + other
    }
}

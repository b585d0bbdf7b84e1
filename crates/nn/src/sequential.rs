//! Layers one after the other.

use tensor::Tensor;

use crate::{Layer, Module, Parts, Pass};

/// Layers that are applied in order. Their paths are their positions: `0.weight`.
///
/// # Examples
///
/// ```
/// use nn::{Layer, Linear, Module, Pass, Sequential, Tanh};
/// use tensor::{Generator, Tensor};
///
/// let mut rng = Generator::new(0);
/// let model = Sequential::new()
///     .then(Linear::new(2, 8, &mut rng))
///     .then(Tanh)
///     .then(Linear::new(8, 1, &mut rng));
/// let y = model.forward(&Tensor::from([[1.0_f32, -1.0]]), &mut Pass::eval());
/// assert_eq!(y.shape(), [1, 1]);
/// assert_eq!(model.named_parameters()[2].0, "2.weight");
/// ```
#[derive(Default)]
pub struct Sequential {
    layers: Vec<Box<dyn Layer + Send + Sync>>,
}

impl Sequential {
    /// Without layers: the identity.
    pub fn new() -> Self {
        Self::default()
    }

    /// With another layer at the end.
    #[must_use]
    pub fn then(mut self, layer: impl Layer + Send + Sync + 'static) -> Self {
        self.layers.push(Box::new(layer));
        self
    }

    /// The number of layers.
    pub fn len(&self) -> usize {
        self.layers.len()
    }

    /// Whether there are no layers.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }
}

impl Module for Sequential {
    fn visit(&self, parts: &mut Parts<'_>) {
        let Self { layers } = self;
        for (position, layer) in layers.iter().enumerate() {
            parts.module(&position.to_string(), layer.as_ref());
        }
    }
}

impl Layer for Sequential {
    #[track_caller]
    fn forward(&self, x: &Tensor, pass: &mut Pass<'_>) -> Tensor {
        let _scope = self.enter();
        let mut x = x.clone();
        for layer in &self.layers {
            let _scope = layer.enter();
            x = layer.forward(&x, pass);
        }
        x
    }
}

impl std::fmt::Debug for Sequential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sequential of {} layers", self.len())
    }
}

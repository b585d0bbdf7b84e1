//! `Rprop`: resilient backpropagation, for full batches.

use tensor::{Float, Parameter, Update};

use crate::method::{Objective, State, check_not_negative, ensure, hyperparameters};
use crate::{Descent, Method, StateLayout};

/// The hyperparameters of [`Rprop`]; the defaults are PyTorch's.
#[derive(Clone, Debug, PartialEq)]
pub struct RpropConfig {
    /// The learning rate η.
    pub lr: f64,
    /// η⁻ and η⁺, the factors of the step size.
    pub etas: (f64, f64),
    /// Γ⁻ and Γ⁺, the smallest and the largest step.
    pub step_sizes: (f64, f64),
    /// Whether the objective is maximised.
    pub maximize: bool,
}

impl Default for RpropConfig {
    fn default() -> Self {
        Self { lr: 1e-2, etas: (0.5, 1.2), step_sizes: (1e-6, 50.0), maximize: false }
    }
}

/// Steps by the sign of the gradient alone, of a size that adapts (Riedmiller and Braun 1993).
///
/// ```text
/// s = clamp(η⁺s, ·, Γ⁺)  if g has the sign of the gradient before   (s = η in the first step)
/// s = clamp(η⁻s, Γ⁻, ·)  if it has the other sign; then g = 0
/// w = w − s sign(g)
/// ```
///
/// # Examples
///
/// ```
/// use optim::{Optimizer, Rprop};
/// use tensor::{Parameter, Tensor};
///
/// let w = Parameter::new(Tensor::from(1.0_f32));
/// let mut optimizer = Rprop::new([w.clone()], 0.1);
/// w.tensor().square().backward();
/// optimizer.step();
/// assert!(w.item() < 1.0);
/// ```
pub type Rprop = Descent<RpropConfig>;

impl Method for RpropConfig {
    const NAME: &'static str = "rprop";

    hyperparameters!(lr, etas, step_sizes, maximize);

    fn check(&self) -> Result<(), String> {
        check_not_negative(Self::NAME, &[("learning rate", self.lr)])?;
        let (smaller, larger) = self.etas;
        ensure!(
            0.0 < smaller && smaller < 1.0 && 1.0 < larger,
            "rprop: the etas are not 0 < smaller < 1 < larger: {smaller}, {larger}"
        );
        Ok(())
    }

    fn layout(&self, shape: &[usize]) -> StateLayout {
        StateLayout::new(&["prev", "step_size"], shape)
    }

    fn step(&self, parameter: &Parameter, state: &mut State) {
        state.advance(parameter, &[0.0, self.lr]);
        state.apply(parameter, self);
    }
}

impl Update for RpropConfig {
    #[allow(clippy::inline_always, reason = "so that it is compiled for the widest instructions")]
    #[inline(always)]
    fn update<T: Float>(&self, w: &mut [T], g: &[T], state: &mut [&mut [T]]) {
        let [before, size] = state else { unreachable!("made in `step`") };
        let objective = Objective { maximize: self.maximize, weight_decay: 0.0 };
        let (low, high) = (T::from_f64(self.step_sizes.0), T::from_f64(self.step_sizes.1));
        let zero = T::default();
        for ((w, &g), (before, size)) in
            w.iter_mut().zip(g).zip(before.iter_mut().zip(size.iter_mut()))
        {
            let g = objective.gradient(g, *w);
            let agreement = g * *before;
            let factor = if agreement > zero {
                self.etas.1
            } else if agreement < zero {
                self.etas.0
            } else {
                1.0
            };
            let s = size.scale(factor);
            let s = if s < low { low } else { s };
            *size = if s > high { high } else { s };
            let g = if agreement < zero { zero } else { g };
            *w = *w - *size * g.signum_or_zero();
            *before = g;
        }
    }
}

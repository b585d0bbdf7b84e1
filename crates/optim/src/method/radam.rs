//! `RAdam`: Adam that waits until its average of squares can be trusted.

use tensor::{Float, Parameter, Update};

use crate::method::averages::{Averages, Common, common};
use crate::method::{State, hyperparameters};
use crate::{Descent, Method, StateLayout};

/// The hyperparameters of [`RAdam`]; the defaults are PyTorch's.
#[derive(Clone, Debug, PartialEq)]
pub struct RAdamConfig {
    /// The learning rate η.
    pub lr: f64,
    /// β₁ and β₂: how much of the averages is kept.
    pub betas: (f64, f64),
    /// ε, which keeps the quotient finite.
    pub eps: f64,
    /// The weight decay λ, added to the gradient as λw.
    pub weight_decay: f64,
    /// Whether the weight decay shrinks the weights by ηλ of themselves instead (as in [`AdamW`](crate::AdamW)).
    pub decoupled_weight_decay: bool,
    /// Whether the objective is maximised.
    pub maximize: bool,
}

impl Default for RAdamConfig {
    fn default() -> Self {
        Self {
            lr: 1e-3,
            betas: (0.9, 0.999),
            eps: 1e-8,
            weight_decay: 0.0,
            decoupled_weight_decay: false,
            maximize: false,
        }
    }
}

/// Adam whose step is rectified while the average of squares is uncertain (Liu et al. 2020).
///
/// ```text
/// g = ∇ + λw                          (−∇ if the objective is maximised)
/// m = β₁m + (1 − β₁)g
/// v = β₂v + (1 − β₂)g²
/// ρ = ρ∞ − 2tβ₂ᵗ/(1 − β₂ᵗ),  ρ∞ = 2/(1 − β₂) − 1
/// r = √((ρ−4)(ρ−2)ρ∞ / ((ρ∞−4)(ρ∞−2)ρ))
/// w = w − η m/(1 − β₁ᵗ) · r √(1 − β₂ᵗ)/(√v + ε)   if ρ > 5
/// w = w − η m/(1 − β₁ᵗ)                           else
/// ```
///
/// # Examples
///
/// ```
/// use optim::{Optimizer, RAdam};
/// use tensor::{Parameter, Tensor};
///
/// let w = Parameter::new(Tensor::from(1.0_f32));
/// let mut optimizer = RAdam::new([w.clone()], 0.1);
/// w.tensor().square().backward();
/// optimizer.step();
/// assert!(w.item() < 1.0);
/// ```
pub type RAdam = Descent<RAdamConfig>;

impl Method for RAdamConfig {
    const NAME: &'static str = "radam";

    hyperparameters!(lr, betas, eps, weight_decay, decoupled_weight_decay, maximize);

    fn check(&self) -> Result<(), String> {
        common!(self).check(Self::NAME)
    }

    fn layout(&self, shape: &[usize]) -> StateLayout {
        StateLayout::new(&["exp_avg", "exp_avg_sq"], shape)
    }

    fn step(&self, parameter: &Parameter, state: &mut State) {
        state.advance(parameter, &[0.0; 2]);
        let (t, (b1, b2)) = (state.t(), self.betas);
        let correction = 1.0 - b2.powf(t);
        let longest = 2.0 / (1.0 - b2) - 1.0;
        let length = longest - 2.0 * t * b2.powf(t) / correction;
        let rectification = (length > 5.0).then(|| {
            let now = (length - 4.0) * (length - 2.0) * longest;
            let limit = (longest - 4.0) * (longest - 2.0) * length;
            (now / limit).sqrt() * correction.sqrt()
        });
        let pass = Pass {
            averages: common!(self).averages(self.decoupled_weight_decay),
            eps: self.eps,
            step_size: self.lr / (1.0 - b1.powf(t)),
            rectification,
        };
        state.apply(parameter, &pass);
    }
}

/// One step's arithmetic.
#[derive(Clone, Copy)]
struct Pass {
    averages: Averages,
    eps: f64,
    step_size: f64,
    /// r √(1 − β₂ᵗ); `None` while the average of squares is too uncertain to be used.
    rectification: Option<f64>,
}

impl Update for Pass {
    #[allow(clippy::inline_always, reason = "so that it is compiled for the widest instructions")]
    #[inline(always)]
    fn update<T: Float>(&self, w: &mut [T], g: &[T], state: &mut [&mut [T]]) {
        let [m, v] = state else { unreachable!("made in `step`") };
        for ((w, &g), (m, v)) in w.iter_mut().zip(g).zip(m.iter_mut().zip(v.iter_mut())) {
            self.averages.advance(w, g, m, v);
            let direction = match self.rectification {
                Some(r) => (*m / v.square_root().shift(self.eps)).scale(r),
                None => *m,
            };
            *w = *w - direction.scale(self.step_size);
        }
    }
}

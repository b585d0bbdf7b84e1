//! `NAdam`: Adam that looks ahead along its momentum.

use tensor::{Float, Parameter, Update};

use crate::method::averages::{Averages, Common, common};
use crate::method::{State, check_not_negative, hyperparameters};
use crate::{Descent, Method, StateLayout};

/// The hyperparameters of [`NAdam`]; the defaults are PyTorch's.
#[derive(Clone, Debug, PartialEq)]
pub struct NAdamConfig {
    /// The learning rate η.
    pub lr: f64,
    /// β₁ and β₂: how much of the averages is kept.
    pub betas: (f64, f64),
    /// ε, which keeps the quotient finite.
    pub eps: f64,
    /// The weight decay λ, added to the gradient as λw.
    pub weight_decay: f64,
    /// ψ, at which the momentum approaches β₁.
    pub momentum_decay: f64,
    /// Whether the weight decay shrinks the weights by ηλ of themselves instead (as in [`AdamW`](crate::AdamW)).
    pub decoupled_weight_decay: bool,
    /// Whether the objective is maximised.
    pub maximize: bool,
}

impl Default for NAdamConfig {
    fn default() -> Self {
        Self {
            lr: 2e-3,
            betas: (0.9, 0.999),
            eps: 1e-8,
            weight_decay: 0.0,
            momentum_decay: 4e-3,
            decoupled_weight_decay: false,
            maximize: false,
        }
    }
}

/// Adam with Nesterov's momentum (Dozat 2016).
///
/// ```text
/// g = ∇ + λw                                    (−∇ if the objective is maximised)
/// μₜ = β₁(1 − ½ 0.96^(tψ))
/// m = β₁m + (1 − β₁)g
/// v = β₂v + (1 − β₂)g²
/// m̂ = μₜ₊₁m/(1 − μ₁⋯μₜ₊₁) + (1 − μₜ)g/(1 − μ₁⋯μₜ)
/// w = w − η m̂ / (√(v/(1 − β₂ᵗ)) + ε)
/// ```
///
/// # Examples
///
/// ```
/// use optim::{Optimizer, NAdam};
/// use tensor::{Parameter, Tensor};
///
/// let w = Parameter::new(Tensor::from(1.0_f32));
/// let mut optimizer = NAdam::new([w.clone()], 0.1);
/// w.tensor().square().backward();
/// optimizer.step();
/// assert!(w.item() < 1.0);
/// ```
pub type NAdam = Descent<NAdamConfig>;

impl Method for NAdamConfig {
    const NAME: &'static str = "nadam";

    hyperparameters!(
        lr,
        betas,
        eps,
        weight_decay,
        momentum_decay,
        decoupled_weight_decay,
        maximize
    );

    fn check(&self) -> Result<(), String> {
        common!(self).check(Self::NAME)?;
        check_not_negative(Self::NAME, &[("momentum decay", self.momentum_decay)])
    }

    fn layout(&self, shape: &[usize]) -> StateLayout {
        StateLayout::new(&["exp_avg", "exp_avg_sq"], shape).with_numbers(&["mu_product"])
    }

    fn step(&self, parameter: &Parameter, state: &mut State) {
        state.advance(parameter, &[0.0; 2]);
        if state.numbers.is_empty() {
            state.numbers.push(1.0); // the product of the momenta so far
        }
        let t = state.t();
        let momentum = |t: f64| self.betas.0 * (1.0 - 0.5 * 0.96_f64.powf(t * self.momentum_decay));
        let (now, next) = (momentum(t), momentum(t + 1.0));
        state.numbers[0] *= now;
        let product = state.numbers[0];
        let pass = Pass {
            averages: common!(self).averages(self.decoupled_weight_decay),
            eps: self.eps,
            correction: 1.0 - self.betas.1.powf(t),
            of_gradient: self.lr * (1.0 - now) / (1.0 - product),
            of_average: self.lr * next / (1.0 - product * next),
        };
        state.apply(parameter, &pass);
    }
}

/// One step's arithmetic.
#[derive(Clone, Copy)]
struct Pass {
    averages: Averages,
    eps: f64,
    correction: f64,
    /// The step sizes along the gradient and along its average.
    of_gradient: f64,
    of_average: f64,
}

impl Update for Pass {
    #[allow(clippy::inline_always, reason = "so that it is compiled for the widest instructions")]
    #[inline(always)]
    fn update<T: Float>(&self, w: &mut [T], g: &[T], state: &mut [&mut [T]]) {
        let [m, v] = state else { unreachable!("made in `step`") };
        for ((w, &g), (m, v)) in w.iter_mut().zip(g).zip(m.iter_mut().zip(v.iter_mut())) {
            let g = self.averages.advance(w, g, m, v);
            let denominator = (*v / T::from_f64(self.correction)).square_root().shift(self.eps);
            *w = *w
                - (g / denominator).scale(self.of_gradient)
                - (*m / denominator).scale(self.of_average);
        }
    }
}

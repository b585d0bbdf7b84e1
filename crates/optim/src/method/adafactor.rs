//! `Adafactor`: the average of squares of a matrix kept as a row and a column.

use tensor::{DType, Parameter, Tensor};

use crate::method::{State, check_not_negative, ensure, hyperparameters};
use crate::{Descent, Method, StateLayout};

/// The hyperparameters of [`Adafactor`]; the defaults are PyTorch's.
#[derive(Clone, Debug, PartialEq)]
pub struct AdafactorConfig {
    /// The learning rate η: the largest relative step, and the measure of weight decay.
    pub lr: f64,
    /// The power τ by which less of the averages is forgotten.
    pub beta2_decay: f64,
    /// ε₁, the least estimate; the epsilon of the parameter's dtype if `None`.
    pub eps1: Option<f64>,
    /// ε₂, the least size of the weights that steps are relative to.
    pub eps2: f64,
    /// The size d beyond which an update is clipped.
    pub clip: f64,
    /// The weight decay λ: each step shrinks the weights by ηλ of themselves.
    pub weight_decay: f64,
    /// Whether the objective is maximised.
    pub maximize: bool,
}

impl Default for AdafactorConfig {
    fn default() -> Self {
        Self {
            lr: 1e-2,
            beta2_decay: -0.8,
            eps1: None,
            eps2: 1e-3,
            clip: 1.0,
            weight_decay: 0.0,
            maximize: false,
        }
    }
}

/// Adaptive steps with sublinear memory (Shazeer and Stern 2018), in PyTorch's variant.
///
/// ```text
/// ρ = min(η, 1/√t),  α = max(ε₂, rms(w))ρ,  β = 1 − t^τ
/// w = w − ηλw
/// R = βR + (1 − β) mean of g² over columns,  C likewise over rows
/// V = RC / max(mean of R, ε₁)         (a vector's V is βV + (1 − β)g² itself)
/// U = g / √max(V, ε₁²)
/// w = w − αU / max(1, rms(U)/d)
/// ```
///
/// A tensor of more axes is a stack of matrices.
///
/// # Examples
///
/// ```
/// use optim::{Adafactor, Optimizer};
/// use tensor::{Parameter, Tensor};
///
/// let w = Parameter::new(Tensor::from([[1.0_f32, 2.0], [3.0, 4.0]]));
/// let mut optimizer = Adafactor::new([w.clone()], 0.1);
/// w.tensor().square().sum().backward();
/// optimizer.step();
/// assert!(w.tensor().square().sum().item() < 30.0);
/// ```
pub type Adafactor = Descent<AdafactorConfig>;

impl Method for AdafactorConfig {
    const NAME: &'static str = "adafactor";

    hyperparameters!(lr, beta2_decay, eps1, eps2, clip, weight_decay, maximize);

    fn check(&self) -> Result<(), String> {
        let values = [
            ("learning rate", self.lr),
            ("first epsilon", self.eps1.unwrap_or(0.0)),
            ("second epsilon", self.eps2),
            ("weight decay", self.weight_decay),
        ];
        check_not_negative(Self::NAME, &values)?;
        ensure!(
            self.beta2_decay <= 0.0,
            "adafactor: the decay of beta is positive or NaN: {}",
            self.beta2_decay
        );
        ensure!(self.clip >= 1.0, "adafactor: the clipping size is below one: {}", self.clip);
        Ok(())
    }

    fn layout(&self, shape: &[usize]) -> StateLayout {
        let [.., rows, columns] = shape else { return StateLayout::new(&["variance"], shape) };
        let within = &shape[..shape.len() - 2];
        StateLayout::of_shapes(&[
            ("row_var", &[within, &[*rows, 1]].concat()),
            ("col_var", &[within, &[1, *columns]].concat()),
        ])
    }

    fn step(&self, parameter: &Parameter, state: &mut State) {
        state.steps += 1;
        let t = state.t();
        let eps1 = self.eps1.unwrap_or_else(|| epsilon(parameter.dtype()));
        state.update(parameter, |w, g, averages| {
            let g = if self.maximize { -g } else { g.clone() };
            let alpha = self.eps2.max(rms(w)) * self.lr.min(1.0 / t.sqrt());
            let estimate = estimate(&g, averages, t.powf(self.beta2_decay), eps1);
            let update = g / estimate.maximum(&estimate.full_like(eps1 * eps1)).sqrt();
            let clipped = alpha / (rms(&update) / self.clip).max(1.0);
            w * (1.0 - self.lr * self.weight_decay) - update * clipped
        });
    }
}

/// The distance from one to the next larger number.
fn epsilon(dtype: DType) -> f64 {
    match dtype {
        DType::F64 => f64::EPSILON,
        DType::F16 => 2_f64.powi(-10),
        DType::BF16 => 2_f64.powi(-7),
        _ => f64::from(f32::EPSILON),
    }
}

/// The root of the mean square.
fn rms(x: &Tensor) -> f64 {
    x.square().mean().sqrt().item()
}

/// The averages of squares, with the new ones taken in; `fresh` is how much these count.
fn estimate(g: &Tensor, averages: &mut Vec<Tensor>, fresh: f64, eps1: f64) -> Tensor {
    let squares = g.square();
    let new = if g.rank() > 1 {
        vec![squares.mean_keepdim(-1), squares.mean_keepdim(-2)]
    } else {
        vec![squares]
    };
    if averages.is_empty() {
        *averages = new.iter().map(Tensor::zeros_like).collect();
    }
    for (average, new) in averages.iter_mut().zip(&new) {
        *average = &*average + (new - &*average) * fresh;
    }
    match &averages[..] {
        [rows, columns] => {
            let mean = rows.mean_keepdim(-2);
            rows.matmul(columns) / mean.maximum(&mean.full_like(eps1))
        }
        [squares, ..] => squares.clone(),
        [] => unreachable!("made above"),
    }
}

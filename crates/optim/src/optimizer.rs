//! What all optimisers can do.

use tensor::Parameter;

/// Changes parameters in the direction of their gradients.
pub trait Optimizer {
    /// Updates every parameter that has a gradient; the others stay as they are, and
    /// [`without_gradient`](Optimizer::without_gradient) names them.
    ///
    /// # Panics
    ///
    /// If a hyperparameter was set to a value out of its range; then nothing has moved.
    #[track_caller]
    fn step(&mut self);

    /// All parameters, in the order of the groups.
    fn parameters(&self) -> Vec<Parameter>;

    /// The learning rate of each group.
    fn learning_rates(&self) -> Vec<f64>;

    /// Sets the learning rate of each group, as a schedule does.
    ///
    /// # Panics
    ///
    /// If there is not one rate for each group.
    #[track_caller]
    fn set_learning_rates(&mut self, rates: &[f64]);

    /// Forgets all gradients.
    fn zero_grad(&self) {
        self.parameters().iter().for_each(Parameter::zero_grad);
    }

    /// The trainable parameters that no backward pass has reached since the gradients were
    /// forgotten, by their position in [`parameters`](Optimizer::parameters).
    ///
    /// Ask before [`step`](Optimizer::step) to find a part of the model that is not trained.
    fn without_gradient(&self) -> Vec<usize> {
        let is_missing = |p: &Parameter| p.is_trainable() && p.grad().is_none();
        let parameters = self.parameters();
        (0..parameters.len()).filter(|&position| is_missing(&parameters[position])).collect()
    }
}

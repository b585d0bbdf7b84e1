//! What all optimisers can do.

use tensor::{LoadError, Parameter, StateDict};

/// Changes parameters in the direction of their gradients.
pub trait Optimizer {
    /// Updates every parameter that has a gradient; the others stay as they are, and
    /// [`without_gradient`](Optimizer::without_gradient) names them.
    ///
    /// # Panics
    ///
    /// If a hyperparameter was set to a value out of its range, or to one that does not fit what is
    /// remembered of a parameter; then nothing has moved.
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

    /// The hyperparameters of each group, and what is remembered of each parameter, under PyTorch's
    /// names (`param_groups.0.lr`, `state.3.exp_avg`; parameters are numbered through all groups).
    ///
    /// # Examples
    ///
    /// ```
    /// use optim::{Adam, Optimizer};
    /// use tensor::{Parameter, Tensor};
    ///
    /// let w = Parameter::new(Tensor::from([1.0_f32, -1.0]));
    /// let mut optimizer = Adam::new([w.clone()], 0.1);
    /// w.tensor().square().sum().backward();
    /// optimizer.step();
    ///
    /// let mut resumed = Adam::new([w.clone()], 0.5);
    /// resumed.load_state_dict(&optimizer.state_dict())?;
    /// assert_eq!(resumed.learning_rates(), [0.1]);
    /// assert_eq!(resumed.groups().iter().next().unwrap().state()[0].steps, 1);
    /// # Ok::<(), optim::LoadError>(())
    /// ```
    fn state_dict(&self) -> StateDict;

    /// Takes back what [`state_dict`](Optimizer::state_dict) returned, the hyperparameters
    /// included. The parameters' values are the model's to load.
    ///
    /// # Errors
    ///
    /// If an entry is missing, unexpected, of another shape or dtype, or out of its range; the
    /// error lists them all, and nothing was changed.
    fn load_state_dict(&mut self, state: &StateDict) -> Result<(), LoadError>;

    /// Forgets all gradients.
    fn zero_grad(&self) {
        self.parameters().iter().for_each(Parameter::zero_grad);
    }

    /// The trainable parameters that no backward pass has reached since the gradients were
    /// forgotten, by their position in [`parameters`](Optimizer::parameters).
    ///
    /// Ask before [`step`](Optimizer::step) to find a part of the model that is not trained.
    fn without_gradient(&self) -> Vec<usize> {
        let is_missing = |p: &Parameter| !p.has_grad() && p.is_trainable();
        let parameters = self.parameters();
        (0..parameters.len()).filter(|&position| is_missing(&parameters[position])).collect()
    }
}

//! The trait form of a custom operation.

use super::CustomCall;
use super::record::{Saves, recorded, refuse_tracked};
use crate::Tensor;

/// An operation with a derivative of your own, as a type: for any number of inputs and outputs, with
/// a say in what is saved. The operation's settings are its fields.
///
/// # Examples
///
/// In ten lines, the leaky rectifier with one bound on its slope; its backward pass reads the input:
///
/// ```
/// use tensor::{gradgradcheck, CustomCall, CustomOp, Tensor};
///
/// struct Scaled(f64);                                                      // 1
/// impl CustomOp for Scaled {                                               // 2
///     fn name(&self) -> &'static str { "scaled_square" }                   // 3
///     fn forward(&self, x: &[Tensor]) -> Vec<Tensor> {                     // 4
///         vec![x[0].square() * self.0]                                     // 5
///     }                                                                    // 6
///     fn backward(&self, call: &CustomCall<'_>) -> Vec<Option<Tensor>> {   // 7
///         vec![Some(call.cotangent(0) * call.input(0) * (2.0 * self.0))]   // 8
///     }                                                                    // 9
/// }                                                                        // 10
/// let f = |x: &[Tensor]| Scaled(3.0).apply(&[&x[0]]).remove(0);
/// gradgradcheck(f, &[Tensor::from([1.0_f64, -2.0])])?;
/// # Ok::<(), tensor::GradcheckError>(())
/// ```
pub trait CustomOp: Send + Sync + 'static {
    /// The operation's name in the graph and in messages.
    fn name(&self) -> &'static str;

    /// The outputs for these inputs, which are not tracked.
    fn forward(&self, inputs: &[Tensor]) -> Vec<Tensor>;

    /// The gradient of each input: in the input's shape and dtype, or `None` where
    /// [`needs`](CustomCall::needs) says that nobody wants it.
    fn backward(&self, call: &CustomCall<'_>) -> Vec<Option<Tensor>>;

    /// Whether there is a derivative with respect to this input. If not, a tracked tensor there is
    /// an error.
    fn is_differentiable(&self, input: usize) -> bool {
        let _ = input;
        true
    }

    /// Whether `backward` reads this input.
    fn saves_input(&self, input: usize) -> bool {
        let _ = input;
        true
    }

    /// Whether `backward` reads this output.
    fn saves_output(&self, output: usize) -> bool {
        let _ = output;
        true
    }

    /// Runs the operation and records it, if recording is on and an input is tracked.
    ///
    /// # Panics
    ///
    /// If an input is tracked and not differentiable, or `forward` used a tracked tensor that is
    /// not an input. In the backward pass, if a gradient that is needed is missing or has another
    /// shape or dtype than its input.
    #[must_use]
    #[track_caller]
    fn apply(self, inputs: &[&Tensor]) -> Vec<Tensor>
    where
        Self: Sized,
    {
        let name = self.name();
        refuse_tracked(name, inputs, |input| self.is_differentiable(input));
        let outputs = self.forward(&inputs.iter().map(|x| x.detach()).collect::<Vec<_>>());
        let saves = Saves {
            inputs: (0..inputs.len()).map(|input| self.saves_input(input)).collect(),
            outputs: (0..outputs.len()).map(|output| self.saves_output(output)).collect(),
        };
        recorded(name, inputs, outputs, saves, move |call| self.backward(call))
    }
}

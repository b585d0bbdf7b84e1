//! What a backward rule sees when it runs, and running one node's rule alone.

use std::sync::Arc;

use crate::index::Index;
use crate::{Edge, Gradient, GraphFreed, Node, no_grad};

/// A call of a backward rule: it takes the cotangents of the outputs and gives the inputs theirs.
pub struct Pullback<'a, G: Gradient> {
    pub(crate) node: &'a Arc<Node<G>>,
    pub(crate) inputs: &'a [Option<Edge<G>>],
    /// The gradients of the whole sweep.
    pub(crate) gradients: &'a mut [Option<G>],
    /// Where those of this node's outputs start.
    pub(crate) outputs: usize,
    pub(crate) targets: Targets<'a>,
}

/// Where the gradients of a node's inputs go.
#[derive(Clone, Copy)]
pub(crate) enum Targets<'a> {
    /// Each to its place in the sweep, if it is needed there; an empty list means that all are.
    Sweep { index: &'a Index, needed: &'a [bool] },
    /// One after the other, from here on.
    Alone { first: usize },
}

impl Targets<'_> {
    /// Where the gradient of input `input`, whose edge is given, goes, if anybody wants it.
    #[inline(always)]
    pub(crate) fn of<G: Gradient>(self, input: usize, edge: &Edge<G>) -> Option<usize> {
        match self {
            Self::Sweep { index, needed } => {
                let position = index.position(edge)?;
                (needed.is_empty() || needed[position]).then_some(position)
            }
            Self::Alone { first } => Some(first + input),
        }
    }
}

impl<G: Gradient> Pullback<'_, G> {
    /// Takes the cotangent of output `slot`: the gradient of the root with respect to it. `None`
    /// if no path from the root uses that output, or if it was taken before.
    #[inline]
    pub fn cotangent(&mut self, slot: usize) -> Option<G> {
        if slot >= self.node.outputs() {
            return None;
        }
        self.gradients[self.outputs + slot].take()
    }

    /// The number of the operation's inputs, tracked or not.
    #[inline]
    pub fn inputs(&self) -> usize {
        self.inputs.len()
    }

    /// Whether anybody wants the gradient of input `input`; computing another one is wasted work.
    ///
    /// # Panics
    ///
    /// If the operation has no such input.
    #[inline]
    pub fn needs(&self, input: usize) -> bool {
        self.target(input).is_some()
    }

    /// Gives input `input` its gradient. Gradients given twice are added; one that is not needed
    /// is dropped.
    ///
    /// # Panics
    ///
    /// If the operation has no such input.
    #[inline]
    pub fn give(&mut self, input: usize, gradient: G) {
        if let Some(target) = self.target(input) {
            add(&mut self.gradients[target], gradient);
        }
    }

    /// What has arrived at input `input` so far.
    pub(crate) fn arrived(&self, input: usize) -> Option<G> {
        self.gradients[self.target(input)?].clone()
    }

    #[inline(always)]
    fn target(&self, input: usize) -> Option<usize> {
        match self.inputs.get(input) {
            Some(edge) => self.targets.of(input, edge.as_ref()?),
            None => self.no_such_input(input),
        }
    }

    #[cold]
    fn no_such_input(&self, input: usize) -> ! {
        panic!("pullback: no such input: {input} of {}", self.inputs.len())
    }

    /// The edge of output `slot` of the node whose rule this is.
    ///
    /// A rule that needs its own output saves the bare value and re-attaches it here: had it saved
    /// the tracked output, the node would own itself.
    pub fn output(&self, slot: usize) -> Edge<G> {
        Edge::new(Arc::clone(self.node), slot)
    }
}

impl<G: Gradient> std::fmt::Debug for Pullback<'_, G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "backward of {:?}", self.node)
    }
}

impl<G: Gradient> Node<G> {
    /// Runs this node's rule alone, with the given cotangents of its outputs, and returns the
    /// gradients of its inputs: `None` where an input is not tracked, or the rule gave nothing.
    /// Nothing is freed, recorded or accumulated.
    ///
    /// With a cotangent of one these are the operation's local gradients, for tools that show
    /// them. A leaf has no inputs and returns an empty list.
    ///
    /// # Errors
    ///
    /// [`GraphFreed`] if a backward pass has dropped what the rule saved.
    ///
    /// # Panics
    ///
    /// If there is not one cotangent for each output, and if the rule panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use autograd_core::{record, Leaf};
    ///
    /// let x = Leaf::new("x");
    /// let triple = record("triple", [Some(x.edge())], |rule| {
    ///     let g: Option<f64> = rule.cotangent(0);
    ///     rule.give(0, 3.0 * g.unwrap_or(0.0));
    /// });
    /// let local = triple.node().local_gradients(vec![Some(1.0)])?;
    /// assert_eq!(local, [Some(3.0)]);
    /// assert_eq!(x.grad(), None);
    /// # Ok::<(), autograd_core::GraphFreed>(())
    /// ```
    #[track_caller]
    pub fn local_gradients(
        self: &Arc<Self>,
        mut cotangents: Vec<Option<G>>,
    ) -> Result<Vec<Option<G>>, GraphFreed> {
        let _guard = no_grad();
        let outputs = self.outputs();
        assert!(
            cotangents.len() == outputs,
            "local_gradients: {} cotangents for the {outputs} outputs of {}",
            cotangents.len(),
            self.name()
        );
        let inputs = self.inputs();
        cotangents.resize(outputs + inputs.len(), None);
        let mut call = Pullback {
            node: self,
            inputs,
            gradients: &mut cotangents,
            outputs: 0,
            targets: Targets::Alone { first: outputs },
        };
        if self.is_leaf() || self.body.run(&mut call, true) {
            Ok(cotangents.split_off(outputs))
        } else {
            Err(GraphFreed::at(self))
        }
    }
}

/// Adds a gradient to what has arrived so far.
#[inline]
pub(crate) fn add<G: Gradient>(sum: &mut Option<G>, gradient: G) {
    let gradient = match sum.take() {
        None => gradient,
        Some(before) => before.plus(gradient),
    };
    *sum = Some(gradient);
}

//! Where a part of a graph begins: the older values that it was computed from.

use std::collections::HashSet;

use autograd_core::{Edge, Leaf};

use crate::Tensor;

/// A moment in the order of recording: what is recorded afterwards is younger.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment(u64);

impl Moment {
    pub(crate) fn now() -> Self {
        Self(Leaf::<Tensor>::new("moment").edge().node().age())
    }

    /// The age that everything recorded afterwards exceeds.
    pub(crate) fn age(self) -> u64 {
        self.0
    }

    fn precedes(self, edge: &Edge<Tensor>) -> bool {
        edge.node().age() > self.0
    }
}

/// The values from before `since` that `root` was computed from directly, in the order of their
/// recording, each once.
pub(crate) fn frontier(root: &Tensor, since: Moment) -> Vec<&Edge<Tensor>> {
    let place = |edge: &Edge<Tensor>| (edge.node().age(), edge.slot());
    let (mut seen, mut found) = (HashSet::new(), Vec::new());
    let mut stack: Vec<&Edge<Tensor>> = root.edge().into_iter().collect();
    while let Some(edge) = stack.pop() {
        if !since.precedes(edge) {
            found.push(edge);
        } else if seen.insert(edge.node().age()) {
            stack.extend(edge.node().inputs().iter().flatten());
        }
    }
    found.sort_unstable_by_key(|edge| place(edge));
    found.dedup_by_key(|edge| place(edge));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_older_values_are_found_each_once_and_in_order() {
        let (a, b) = (Tensor::from(2.0_f64).requires_grad(), Tensor::from(3.0_f64).requires_grad());
        let old = &a * &b;
        let since = Moment::now();
        let inside = Tensor::from(1.0_f64).requires_grad();
        let y = (&old * &old + &b) * &inside + &b;
        let found = frontier(&y, since);
        let expected = [b.edge().unwrap(), old.edge().unwrap()];
        assert_eq!(found.len(), 2);
        assert!(found.iter().zip(expected).all(|(f, e)| f.node().age() == e.node().age()));
        assert_eq!(frontier(&b, since).len(), 1);
        assert!(frontier(&inside, since).is_empty());
        assert!(frontier(&Tensor::from(1.0_f64), since).is_empty());
    }
}

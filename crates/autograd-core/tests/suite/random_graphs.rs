//! On random graphs the sweeps agree with derivatives accumulated forward, and run what they must.

use autograd_core::{Edge, Graph, Leaf, ancestors, backward, differentiable_grad, grad};
use proptest::prelude::*;

use crate::program::{Evaluated, programs};

fn roots(program: &Evaluated) -> Vec<(&Edge<f64>, f64)> {
    let root = |&(value, seed): &(usize, f64)| (edge(program, value), seed);
    program.roots.iter().map(root).collect()
}

fn edge(program: &Evaluated, value: usize) -> &Edge<f64> {
    program.edges[value].as_ref().expect("only recorded values are asked for")
}

fn wanted(program: &Evaluated) -> Vec<&Edge<f64>> {
    program.wanted.iter().map(|&value| edge(program, value)).collect()
}

/// What a sweep does, derived from the definitions: which values get a gradient, and which steps
/// run, if these values are the ones that are wanted.
struct Reach {
    arrives: Vec<bool>,
    runs: Vec<bool>,
}

impl Reach {
    fn of(program: &Evaluated, wanted: impl Fn(usize) -> bool) -> Self {
        let mut needed: Vec<bool> = (0..program.edges.len())
            .map(|value| program.edges[value].is_some() && wanted(value))
            .collect();
        for step in &program.steps {
            let behind = step.inputs.iter().any(|&input| needed[input]);
            for output in step.outputs.clone() {
                needed[output] |= behind;
            }
        }
        let mut arrives = vec![false; program.edges.len()];
        for &(root, _) in &program.roots {
            arrives[root] = true;
        }
        let mut runs = vec![false; program.steps.len()];
        for (run, step) in runs.iter_mut().zip(&program.steps).rev() {
            *run = step.inputs.iter().any(|&input| needed[input])
                && step.outputs.clone().any(|output| arrives[output]);
            if !*run {
                continue;
            }
            for (output, by_input) in step.outputs.clone().zip(&step.partials) {
                for (&input, partial) in step.inputs.iter().zip(by_input) {
                    arrives[input] |= arrives[output] && partial.is_some() && needed[input];
                }
            }
        }
        Self { arrives, runs }
    }
}

fn assert_close(found: Option<f64>, arrives: bool, expected: f64, what: &str) {
    assert_eq!(found.is_some(), arrives, "{what}: {found:?} for {expected}");
    let found = found.unwrap_or(0.0);
    let error = (found - expected).abs();
    assert!(error <= 1e-10 * (1.0 + expected.abs()), "{what}: {found} for {expected}");
}

fn assert_ran(program: &Evaluated, runs: &[bool], passes: usize) {
    for (step, &runs) in program.steps.iter().zip(runs) {
        assert_eq!(step.calls.get(), if runs { passes } else { 0 }, "{:?}", step.node);
    }
}

fn leaf_gradients(program: &Evaluated) -> Vec<Option<f64>> {
    program.leaves.iter().map(|(_, leaf)| Leaf::grad(leaf)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn backward_equals_forward_accumulation(program in programs()) {
        let program = program.evaluate();
        let reach = Reach::of(&program, |_| true);
        backward(roots(&program), Graph::Free).unwrap();
        for (value, leaf) in &program.leaves {
            let expected = program.derivative(*value);
            assert_close(leaf.grad(), reach.arrives[*value], expected, "leaf");
        }
        assert_ran(&program, &reach.runs, 1);
        for (step, &ran) in program.steps.iter().zip(&reach.runs) {
            assert_eq!(step.node.is_freed(), ran);
        }
        let again = backward(roots(&program), Graph::Free);
        assert_eq!(again.is_err(), reach.runs.contains(&true));
    }

    #[test]
    fn grad_equals_forward_accumulation_at_any_edge(program in programs()) {
        let program = program.evaluate();
        let reach = Reach::of(&program, |value| program.wanted.contains(&value));
        let found = grad(roots(&program), &wanted(&program), Graph::Keep).unwrap();
        assert_eq!(found.len(), program.wanted.len());
        for (&value, &found) in program.wanted.iter().zip(&found) {
            assert_close(found, reach.arrives[value], program.derivative(value), "edge");
        }
        assert_ran(&program, &reach.runs, 1);
        assert!(leaf_gradients(&program).iter().all(Option::is_none), "a leaf was touched");
        assert!(program.steps.iter().all(|step| !step.node.is_freed()));

        let same = differentiable_grad(roots(&program), &wanted(&program)).unwrap();
        assert_eq!(same, found);
        let last = grad(roots(&program), &wanted(&program), Graph::Free).unwrap();
        assert_eq!(last, found);
        assert_ran(&program, &reach.runs, 3);
        for (step, &ran) in program.steps.iter().zip(&reach.runs) {
            assert_eq!(step.node.is_freed(), ran);
        }
    }

    #[test]
    fn a_kept_graph_gives_the_same_gradients_again(program in programs()) {
        let program = program.evaluate();
        backward(roots(&program), Graph::Keep).unwrap();
        let once = leaf_gradients(&program);
        backward(roots(&program), Graph::Keep).unwrap();
        backward(roots(&program), Graph::Free).unwrap();
        let thrice: Vec<_> = once.iter().map(|g| g.map(|g| g + g + g)).collect();
        assert_eq!(leaf_gradients(&program), thrice);
    }

    #[test]
    fn ancestors_are_what_the_roots_were_computed_from(program in programs()) {
        let program = program.evaluate();
        let found = ancestors(roots(&program).iter().map(|(edge, _)| *edge));
        let ages: Vec<u64> = found.iter().map(|node| node.age()).collect();
        let mut expected: Vec<u64> = program.roots.iter().map(|r| edge(&program, r.0)).map(age).collect();
        for step in program.steps.iter().rev() {
            if expected.contains(&step.node.age()) {
                expected.extend(step.node.inputs().iter().flatten().map(age));
            }
        }
        expected.sort_unstable();
        expected.dedup();
        assert_eq!(ages, expected);
    }
}

fn age(edge: &Edge<f64>) -> u64 {
    edge.node().age()
}

//! Scopes say which part of a program records, and cost nothing to remember when nobody asks.

use autograd_core::{Recorded, calls, enter, observe};

fn kinds() -> Vec<&'static str> {
    calls().iter().map(|call| call.kind).collect()
}

#[test]
fn calls_nest_and_end() {
    let _observer = observe(|_: &Recorded<f64>| ());
    let _outer = enter("outer", 1);
    {
        let _inner = enter("inner", 2);
        assert_eq!(kinds(), ["outer", "inner"]);
    }
    assert_eq!(kinds(), ["outer"]);
}

#[test]
fn nobody_looking_remembers_nothing() {
    let scope = enter("unseen", 1);
    assert!(calls().is_empty());
    // An observer that comes later does not see it end either.
    let _observer = observe(|_: &Recorded<f64>| ());
    let _seen = enter("seen", 2);
    drop(scope);
    assert_eq!(kinds(), ["seen"]);
}

#[test]
fn a_part_that_its_caller_entered_too_is_one_call() {
    let _observer = observe(|_: &Recorded<f64>| ());
    let _by_caller = enter("layer", 7);
    let by_itself = enter("layer", 7);
    assert_eq!(kinds(), ["layer"]);
    drop(by_itself);
    assert_eq!(kinds(), ["layer"]);
    let _first_field = enter("other", 7);
    assert_eq!(kinds(), ["layer", "other"], "a first field has its owner's place");
}

#[test]
fn no_two_calls_have_one_number() {
    let _observer = observe(|_: &Recorded<f64>| ());
    let number = || {
        let _scope = enter("layer", 7);
        calls()[0].number
    };
    assert_ne!(number(), number());
}

#[test]
fn a_panic_ends_the_calls() {
    let _observer = observe(|_: &Recorded<f64>| ());
    crate::catch::catch(|| {
        let _scope = enter("layer", 7);
        panic!("in a layer");
    });
    assert!(calls().is_empty());
}

//! `grad`: which gradients it returns, and which rules it runs for them.

use autograd_core::{Edge, Graph, GraphFreed, backward, grad, record, record_many};

use crate::{Count, leaf, scaled, sum};

#[test]
fn same_input_twice() -> Result<(), GraphFreed> {
    let x = leaf();
    let y = sum("y", &[&x.edge(), &x.edge()]);
    assert_eq!(grad([(&y, 1.0)], &[&x.edge()], Graph::Free)?, [Some(2.0)]);
    Ok(())
}

#[test]
fn seeds_of_one_root_given_twice_are_added() -> Result<(), GraphFreed> {
    let x = leaf();
    let y = scaled("y", &x.edge(), 3.0);
    backward([(&y, 1.0), (&y, 10.0)], Graph::Free)?;
    assert_eq!(x.grad(), Some(33.0));
    Ok(())
}

#[test]
fn a_root_may_lie_behind_another_root() -> Result<(), GraphFreed> {
    let x = leaf();
    let y = scaled("y", &x.edge(), 3.0);
    let z = scaled("z", &y, 5.0);
    let wanted = [&x.edge(), &y, &z];
    let found = grad([(&y, 1.0), (&z, 1.0)], &wanted, Graph::Free)?;
    assert_eq!(found, [Some(18.0), Some(6.0), Some(1.0)]);
    Ok(())
}

#[test]
fn a_leaf_can_be_the_root() -> Result<(), GraphFreed> {
    let x = leaf();
    let edge = x.edge();
    assert_eq!(grad([(&edge, 4.0)], &[&edge], Graph::Free)?, [Some(4.0)]);
    assert_eq!(x.grad(), None);
    backward([(&edge, 4.0)], Graph::Free)?;
    assert_eq!(x.grad(), Some(4.0));
    Ok(())
}

#[test]
fn no_roots_give_no_gradients() -> Result<(), GraphFreed> {
    let x = leaf();
    backward::<f64>([], Graph::Free)?;
    assert_eq!(grad([], &[&x.edge()], Graph::Free)?, [None]);
    assert!(grad([(&x.edge(), 1.0)], &[], Graph::Free)?.is_empty());
    Ok(())
}

#[test]
fn what_is_not_reached_is_none_in_its_place() -> Result<(), GraphFreed> {
    let (x, older, newer) = (leaf(), leaf(), leaf());
    let y = scaled("y", &x.edge(), 2.0);
    let user = sum("user", &[&y, &older.edge()]);
    let wanted = [&older.edge(), &y, &user, &newer.edge(), &x.edge(), &y];
    let found = grad([(&y, 1.0)], &wanted, Graph::Keep)?;
    assert_eq!(found, [None, Some(1.0), None, None, Some(2.0), Some(1.0)]);
    assert_eq!(grad([(&y, 1.0)], &[&newer.edge()], Graph::Keep)?, [None]);
    assert_eq!(grad([(&y, 1.0)], &[&older.edge()], Graph::Keep)?, [None]);
    Ok(())
}

#[test]
fn a_rule_that_gives_nothing_reaches_nothing() -> Result<(), GraphFreed> {
    let x = leaf();
    let count = Count::default();
    let y = record("mute", [Some(count.calls("inner", &x.edge()))], |_| ());
    assert_eq!(grad([(&y, 1.0)], &[&x.edge()], Graph::Keep)?, [None]);
    backward([(&y, 1.0)], Graph::Keep)?;
    assert_eq!((x.grad(), count.get()), (None, 0));
    Ok(())
}

#[test]
fn only_rules_on_a_path_to_what_is_wanted_run() -> Result<(), GraphFreed> {
    let (a, b) = (leaf(), leaf());
    let [on_path, beside, behind] = [(); 3].map(|()| Count::default());
    let deep = behind.calls("deep", &a.edge());
    let middle = on_path.calls("middle", &deep);
    let other = beside.calls("other", &b.edge());
    let top = on_path.calls("top", &sum("join", &[&middle, &other]));
    assert_eq!(grad([(&top, 1.0)], &[&deep], Graph::Keep)?, [Some(1.0)]);
    assert_eq!((on_path.get(), beside.get(), behind.get()), (2, 0, 0));
    Ok(())
}

#[test]
fn a_rule_learns_which_of_its_inputs_are_needed() -> Result<(), GraphFreed> {
    let (a, b) = (leaf(), leaf());
    let inputs = [Some(a.edge()), Some(b.edge()), None];
    let y = record("y", inputs, |rule| {
        let needed = [0, 1, 2].map(|input| f64::from(u8::from(rule.needs(input))));
        let code = 4.0 * needed[0] + 2.0 * needed[1] + needed[2];
        (0..3).for_each(|input| rule.give(input, code));
    });
    assert_eq!(grad([(&y, 1.0)], &[&b.edge()], Graph::Keep)?, [Some(2.0)]);
    assert_eq!(grad([(&y, 1.0)], &[&a.edge()], Graph::Keep)?, [Some(4.0)]);
    backward([(&y, 1.0)], Graph::Keep)?;
    assert_eq!((a.grad(), b.grad()), (Some(6.0), Some(6.0)));
    Ok(())
}

#[test]
fn wanting_one_output_does_not_run_the_users_of_another() -> Result<(), GraphFreed> {
    let x = leaf();
    let pair = record_many("pair", 2, [Some(x.edge())], |_| panic!("not on a path"));
    let (first, second) = (Edge::new(pair.clone(), 0), Edge::new(pair, 1));
    let count = Count::default();
    let y = sum("y", &[&first, &count.calls("user", &second)]);
    assert_eq!(grad([(&y, 1.0)], &[&first], Graph::Keep)?, [Some(1.0)]);
    assert_eq!(count.get(), 0, "the user of the other output ran");
    Ok(())
}

#[test]
fn a_cotangent_is_taken_once_and_gradients_given_twice_are_added() -> Result<(), GraphFreed> {
    let x = leaf();
    let y = record("y", [Some(x.edge())], |rule| {
        let g = rule.cotangent(0).expect("the root has a seed");
        assert_eq!(rule.cotangent(0), None);
        rule.give(0, g);
        rule.give(0, 10.0 * g);
    });
    backward([(&y, 2.0)], Graph::Free)?;
    assert_eq!(x.grad(), Some(22.0));
    Ok(())
}

#[test]
fn sweeps_run_the_rules_from_the_newest_to_the_oldest() -> Result<(), GraphFreed> {
    let order = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let step = |name: &'static str, x: &Edge<f64>| {
        let order = std::sync::Arc::clone(&order);
        record(name, [Some(x.clone())], move |rule| {
            order.lock().unwrap().push(name);
            if let Some(g) = rule.cotangent(0) {
                rule.give(0, g);
            }
        })
    };
    let x = leaf();
    let a = step("a", &x.edge());
    let b = step("b", &x.edge());
    let c = step("c", &a);
    let d = step("d", &b);
    backward([(&c, 1.0), (&d, 1.0)], Graph::Free)?;
    assert_eq!(*order.lock().unwrap(), ["d", "c", "b", "a"]);
    Ok(())
}

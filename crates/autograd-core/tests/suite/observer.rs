//! The observer sees what is recorded on its thread while its guard lives.

use std::cell::RefCell;
use std::rc::Rc;

use autograd_core::{
    Edge, Graph, Leaf, Observation, Recorded, backward, observe, observed, record,
};

use crate::catch::catch;
use crate::leaf;
use crate::scalar::Scalar;

type Log = Rc<RefCell<Vec<f64>>>;

/// Observes into a log.
fn observe_values() -> (Observation, Log) {
    let log = Log::default();
    let sink = Rc::clone(&log);
    let guard = observe(move |seen: &Recorded<f64>| sink.borrow_mut().push(*seen.value));
    (guard, log)
}

/// Records an operation with this value.
fn emit(value: f64) -> Edge<f64> {
    let edge = record("emit", [Some(leaf().edge())], |_| ());
    observed(&Recorded::new(&edge, &value));
    edge
}

#[test]
fn an_observer_sees_edges_and_values_until_its_guard_drops() {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&seen);
    emit(1.0);
    let guard = observe(move |seen: &Recorded<f64>| {
        log.borrow_mut().push((seen.edge.node().age(), *seen.value));
    });
    let edges = [emit(2.0), emit(3.0)];
    drop(guard);
    emit(4.0);
    let ages = edges.map(|edge| edge.node().age());
    assert_eq!(*seen.borrow(), [(ages[0], 2.0), (ages[1], 3.0)]);
    assert_eq!(Rc::strong_count(&seen), 1, "the observer was not dropped");
}

#[test]
fn only_the_innermost_observer_is_called() {
    let (outer, outer_log) = observe_values();
    emit(1.0);
    let (inner, inner_log) = observe_values();
    emit(2.0);
    drop(inner);
    emit(3.0);
    drop(outer);
    emit(4.0);
    assert_eq!(*outer_log.borrow(), [1.0, 3.0]);
    assert_eq!(*inner_log.borrow(), [2.0]);
}

#[test]
fn what_the_observer_records_is_not_observed() {
    let log = Log::default();
    let sink = Rc::clone(&log);
    let _guard = observe(move |seen: &Recorded<f64>| {
        let value = seen.value;
        sink.borrow_mut().push(*value);
        emit(value + 100.0);
    });
    emit(1.0);
    emit(2.0);
    assert_eq!(*log.borrow(), [1.0, 2.0]);
}

#[test]
fn an_observer_inside_an_observer_is_called_and_ends() {
    let log = Log::default();
    let sink = Rc::clone(&log);
    let _guard = observe(move |seen: &Recorded<f64>| {
        let value = seen.value;
        let (inner, inner_log) = observe_values();
        emit(value + 100.0);
        drop(inner);
        emit(value + 200.0);
        sink.borrow_mut().push(*value);
        sink.borrow_mut().extend(inner_log.borrow().iter());
    });
    emit(1.0);
    emit(2.0);
    assert_eq!(*log.borrow(), [1.0, 101.0, 2.0, 102.0]);
}

#[test]
fn a_panic_in_the_observer_leaves_it_observing() {
    let log = Log::default();
    let sink = Rc::clone(&log);
    let _guard = observe(move |seen: &Recorded<f64>| {
        let value = seen.value;
        sink.borrow_mut().push(*value);
        assert!(*value > 0.0, "a negative value");
    });
    let caught = catch(|| emit(-1.0));
    assert_eq!(caught.message, "a negative value");
    emit(2.0);
    assert_eq!(*log.borrow(), [-1.0, 2.0]);
}

#[test]
fn a_panic_drops_the_guard() {
    let (_outer, outer_log) = observe_values();
    catch(|| {
        let (_inner, _log) = observe_values();
        panic!("while observing");
    });
    emit(1.0);
    assert_eq!(*outer_log.borrow(), [1.0]);
}

#[test]
fn other_threads_and_other_values_are_not_observed() {
    let (_guard, log) = observe_values();
    std::thread::spawn(|| drop(emit(1.0))).join().unwrap();
    let single = record("single", [Some(Leaf::<f32>::new("x").edge())], |_| ());
    observed(&Recorded::new(&single, &2.0_f32));
    assert!(log.borrow().is_empty());
}

#[test]
fn an_observer_may_record_while_it_is_dropped() {
    struct Farewell;
    impl Drop for Farewell {
        fn drop(&mut self) {
            emit(9.0);
        }
    }
    let (_outer, log) = observe_values();
    let farewell = Farewell;
    drop(observe(move |_: &Recorded<f64>| {
        let _ = &farewell;
    }));
    assert_eq!(*log.borrow(), [9.0]);
}

#[test]
fn rules_are_observed_when_they_are_recorded() {
    let leaf = Leaf::new("x");
    let x = Scalar::leaf(3.0, &leaf);
    let y = &x * &x;
    let names = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&names);
    let _guard = observe(move |seen: &Recorded<Scalar>| {
        log.borrow_mut().push((seen.edge.node().name(), seen.value.value));
    });
    let first = y.derivative(&leaf);
    assert_eq!(*names.borrow(), [("mul", 3.0), ("mul", 3.0), ("add", 6.0)]);
    names.borrow_mut().clear();
    backward([(first.edge(), Scalar::constant(1.0))], Graph::Free).unwrap();
    assert!(names.borrow().is_empty());
}

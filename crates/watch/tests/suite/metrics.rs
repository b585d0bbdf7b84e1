//! Metrics against scikit-learn; `tools/watch_golden.py` says what the fields mean.

use serde_json::Value as Json;
use tensor::{DType, Tensor};
use watch::{Accuracy, ClassScore, ConfusionMatrix, Mean, Perplexity};

fn golden() -> Json {
    let path = format!("{}/tests/golden/metrics.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn numbers(json: &Json) -> Vec<f64> {
    json.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

struct Case {
    name: String,
    scores: Tensor,
    targets: Tensor,
    classes: usize,
    expected: Json,
}

impl Case {
    /// The batch in uneven pieces, so that gathering is tested too.
    fn batches(&self) -> Vec<(Tensor, Tensor)> {
        let (n, cut) = (self.targets.numel(), self.targets.numel() / 3);
        let part = |x: &Tensor, from: usize, to: usize| x.narrow(0, from as isize, to - from);
        let piece = |from, to| (part(&self.scores, from, to), part(&self.targets, from, to));
        vec![piece(0, cut), piece(cut, n)]
    }
}

fn cases() -> Vec<Case> {
    let golden = golden();
    let case = |(name, expected): (&String, &Json)| {
        let rows: Vec<_> = expected["scores"].as_array().unwrap().iter().map(numbers).collect();
        let (items, classes) = (rows.len(), rows[0].len());
        let targets: Vec<i64> = numbers(&expected["targets"]).iter().map(|&x| x as i64).collect();
        Case {
            name: name.clone(),
            scores: Tensor::from_vec(rows.concat(), &[items, classes]),
            targets: Tensor::from_vec(targets, &[items]),
            classes,
            expected: expected.clone(),
        }
    };
    let cases: Vec<_> = golden["cases"].as_object().unwrap().iter().map(case).collect();
    assert_eq!(cases.len(), 4);
    cases
}

fn near(ours: f64, theirs: f64, what: &str) {
    assert!((ours - theirs).abs() <= 1e-14 * theirs.abs(), "{what}: {ours} not {theirs}");
}

#[test]
fn accuracy_of_the_greatest_scores() {
    for case in cases() {
        for (k, theirs) in (1..).zip(numbers(&case.expected["top"])) {
            let mut accuracy = Accuracy::top(k).ignoring(-100);
            for (scores, targets) in case.batches() {
                accuracy.update(&scores, &targets);
            }
            near(accuracy.value(), theirs, &format!("{}, top {k}", case.name));
        }
    }
}

fn same(ours: ClassScore, theirs: &[f64], what: &str) {
    let [precision, recall, f1] = *theirs else { panic!("{what}: three scores: {theirs:?}") };
    for (ours, theirs) in [(ours.precision, precision), (ours.recall, recall), (ours.f1, f1)] {
        near(ours, theirs, what);
    }
}

#[test]
fn confusion_matrix_and_what_follows_from_it() {
    for case in cases() {
        let mut matrix = ConfusionMatrix::new(case.classes).ignoring(-100);
        let mut decided = ConfusionMatrix::new(case.classes).ignoring(-100);
        for (scores, targets) in case.batches() {
            matrix.update(&scores, &targets);
            decided.update_predicted(&scores.argmax_dim(1), &targets);
        }
        let theirs: Vec<_> =
            case.expected["matrix"].as_array().unwrap().iter().flat_map(numbers).collect();
        assert_eq!(
            matrix.to_tensor().to_dtype(DType::F64).to_vec::<f64>(),
            theirs,
            "{}",
            case.name
        );
        assert!(matrix.to_tensor().equal(&decided.to_tensor()));
        let columns: Vec<_> =
            case.expected["classes"].as_array().unwrap().iter().map(numbers).collect();
        for class in 0..case.classes {
            let what = format!("{}, class {class}", case.name);
            let theirs: Vec<f64> = columns.iter().map(|column| column[class]).collect();
            same(matrix.class(class), &theirs[..3], &what);
            assert_eq!(matrix.class(class).support as f64, theirs[3], "{what}");
        }
        for (ours, name) in
            [(matrix.macro_average(), "macro"), (matrix.weighted_average(), "weighted")]
        {
            same(ours, &numbers(&case.expected[name]), &format!("{}, {name}", case.name));
        }
        near(matrix.accuracy(), case.expected["accuracy"].as_f64().unwrap(), &case.name);
    }
}

#[test]
fn perplexity_is_the_exponential_of_the_log_loss() {
    for case in cases() {
        let mut perplexity = Perplexity::new();
        for (scores, targets) in case.batches() {
            let log_p = scores.log_softmax(1).to_vec::<f64>();
            for (row, target) in log_p.chunks(case.classes).zip(targets.to_vec::<i64>()) {
                if target >= 0 {
                    perplexity.update(-row[target as usize], 1);
                }
            }
        }
        let theirs = case.expected["log_loss"].as_f64().unwrap().exp();
        // Their probabilities are rounded before the logarithm is taken.
        assert!((perplexity.value() / theirs - 1.0).abs() < 1e-13, "{}", case.name);
    }
}

#[test]
fn a_mean_of_uneven_terms_is_right_to_a_unit_in_the_last_place() {
    let sums = &golden()["sums"];
    let mut mean = Mean::new();
    for (value, count) in numbers(&sums["values"]).into_iter().zip(numbers(&sums["counts"])) {
        mean.update(value, count as usize);
    }
    let theirs = sums["mean"].as_f64().unwrap();
    let near = theirs.next_down()..=theirs.next_up();
    assert!(near.contains(&mean.value()), "{mean} not {theirs}");
}

/// Scores `[N, C, d]`, as the cross-entropy of sequences has them.
#[test]
fn the_classes_are_the_second_axis() {
    let scores = Tensor::from([[[1.0, 0.0, 5.0], [2.0, -1.0, 4.0]]]); // [1, 2, 3]
    let targets = Tensor::from([[1_i64, 0, 1]]);
    let (mut accuracy, mut matrix) = (Accuracy::new(), ConfusionMatrix::new(2));
    accuracy.update(&scores, &targets);
    matrix.update(&scores, &targets);
    assert_eq!((accuracy.correct(), accuracy.count()), (2, 3));
    assert_eq!(matrix.to_tensor().to_vec::<i64>(), [1, 0, 1, 1]);
}

#[test]
fn ties_and_nan_are_decided_as_argmax_decides() {
    let scores = Tensor::from([
        [1.0, 3.0, 3.0],
        [f64::NAN, 1.0, f64::INFINITY],
        [0.0, f64::NAN, f64::NAN],
        [f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
    ]);
    let predicted = scores.argmax_dim(1);
    assert_eq!(predicted.to_vec::<i64>(), [1, 0, 1, 0]);
    let (mut accuracy, mut matrix) = (Accuracy::new(), ConfusionMatrix::new(3));
    accuracy.update(&scores, &predicted);
    matrix.update(&scores, &predicted);
    assert_eq!((accuracy.value(), matrix.accuracy()), (1.0, 1.0));
}

#[test]
fn nothing_seen_is_nan() {
    assert!(Accuracy::new().value().is_nan());
    assert!(Perplexity::new().value().is_nan());
    let mut matrix = ConfusionMatrix::new(2);
    matrix.update(&Tensor::zeros(&[0, 2], DType::F32), &Tensor::zeros(&[0], DType::I64));
    assert!(matrix.accuracy().is_nan());
    assert_eq!(matrix.weighted_average().f1, 0.0);
}

#[test]
fn tables_are_aligned() {
    let mut matrix = ConfusionMatrix::named(["cat", "dog"]);
    let predicted = Tensor::from([0_i64, 0, 1, 1]);
    matrix.update_predicted(&predicted, &Tensor::from([0_i64, 1, 1, 1]));
    let counts =
        "true \\ predicted  cat  dog\n             cat    1    0\n             dog    1    2\n";
    assert_eq!(matrix.to_string(), counts);
    let report = "                  precision  recall      F1  items
             cat     0.5000  1.0000  0.6667      1
             dog     1.0000  0.6667  0.8000      3
   macro average     0.7500  0.8333  0.7333      4
weighted average     0.8750  0.7500  0.7667      4
accuracy 0.7500
";
    assert_eq!(matrix.report(), report);
}

fn message(f: impl FnOnce() + std::panic::UnwindSafe) -> String {
    *std::panic::catch_unwind(f).unwrap_err().downcast::<String>().unwrap()
}

#[test]
fn wrong_batches_are_refused_before_anything_is_counted() {
    let scores = Tensor::zeros(&[2, 3], DType::F32);
    let update = |targets: Tensor| {
        let scores = scores.clone();
        message(move || Accuracy::new().update(&scores, &targets))
    };
    assert_eq!(
        update(Tensor::from([0_i64, 1, 2])),
        "accuracy: scores are [N, C, d...] and targets are [N, d...]: got [2, 3] and [3]"
    );
    assert_eq!(update(Tensor::from([0_i64, 3])), "accuracy: not one of 3 classes: 3");
    assert_eq!(update(Tensor::from([-100_i64, 0])), "accuracy: not one of 3 classes: -100");
    assert_eq!(update(Tensor::from([0.0, 1.0])), "accuracy: targets are integers: got f64");
    let top = scores.clone();
    assert_eq!(
        message(move || Accuracy::top(4).update(&top, &Tensor::from([0_i64, 1]))),
        "accuracy: too few classes for the top 4: 3"
    );
    let mut matrix = ConfusionMatrix::new(2);
    let wrong = message(std::panic::AssertUnwindSafe(|| {
        matrix.update_predicted(&Tensor::from([0_i64, 2]), &Tensor::from([0_i64, 1]));
    }));
    assert_eq!(wrong, "confusion matrix: not one of 2 classes: 2");
    assert_eq!(matrix.to_tensor().to_vec::<i64>(), [0; 4]);
    assert_eq!(
        message(move || ConfusionMatrix::new(2).update(&scores, &Tensor::from([0_i64, 1]))),
        "confusion matrix: scores are for 2 classes: got 3"
    );
}

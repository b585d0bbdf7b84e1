//! The whole database, bit for bit the same for any number of threads.

use conformance::{Evaluation, Operator, data, evaluate, layout::Layout, table::Table};
use tensor::{DType, Tensor, force_threads, set_num_threads, thread_splits};

/// The bits of every output and gradient of an evaluation.
fn bits(evaluation: &Evaluation) -> Vec<u64> {
    assert!(evaluation.broken.is_none(), "{:?}", evaluation.broken);
    let gradients = [&evaluation.plain, &evaluation.first, &evaluation.second];
    let gradients = gradients.into_iter().flat_map(|some| some.values().flatten());
    let all = evaluation.outputs.iter().chain(gradients);
    all.flat_map(|x: &Tensor| x.to_dtype(DType::F64).to_vec::<f64>()).map(f64::to_bits).collect()
}

/// Every case of every operator in both precisions.
fn database(operators: &[Operator]) -> Vec<(String, Vec<u64>)> {
    let table = Table::new();
    let mut all = Vec::new();
    for operator in operators {
        let Some(call) = table.get(&operator.name) else { continue };
        for (case, float) in
            operator.cases.iter().flat_map(|case| [(case, DType::F32), (case, DType::F64)])
        {
            let source = |name: &str, _| operator.values(name).tensor(Layout::Contiguous, float);
            all.push((
                format!("{} in {float}", case.id),
                bits(&evaluate(call, case, float, &source)),
            ));
        }
    }
    all
}

#[test]
fn no_result_depends_on_the_number_of_threads() {
    let folder = data::default_folder();
    let names = data::operators(&folder).unwrap();
    let operators: Vec<_> =
        names.iter().map(|name| Operator::read(&folder, name).unwrap()).collect();
    let alone = database(&operators);
    force_threads(Some(1));
    for threads in [1, 2, 4] {
        set_num_threads(threads);
        let before = thread_splits();
        let all = database(&operators);
        assert_eq!(all.len(), alone.len());
        for ((name, expected), (_, found)) in alone.iter().zip(all) {
            assert_eq!(*expected, found, "{name} with {threads} threads");
        }
        assert_eq!(thread_splits() > before, threads > 1, "work is divided");
    }
}

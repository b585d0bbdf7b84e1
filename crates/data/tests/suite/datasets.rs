//! Datasets, their parts, and the digits.

use std::sync::Arc;

use data::{Dataset, Map, Rows, Subset, digits, random_split, stratified_split};
use tensor::{DType, Tensor};

#[test]
fn the_digits_are_those_of_uci() {
    let digits = digits();
    let [images, labels] = digits.tensors();
    assert_eq!((images.shape(), images.dtype()), (&[1797, 8, 8][..], DType::F32));
    // Facts that scikit-learn's documentation gives: pixels from 0 to 16, and the class sizes.
    assert_eq!((images.amin(..).item(), images.amax(..).item()), (0.0, 16.0));
    let mut counts = [0; 10];
    labels.to_vec::<i64>().iter().for_each(|&label| counts[label as usize] += 1);
    assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    assert_eq!(images.index((0, 0)).to_vec::<f32>(), [0.0, 0.0, 5.0, 13.0, 9.0, 1.0, 0.0, 0.0]);
}

#[test]
fn parts_have_each_item_once_and_depend_on_the_seed_alone() {
    let numbers: Vec<usize> = (0..100).collect();
    let parts = |seed| random_split(numbers.clone(), [70, 20, 10], seed);
    let all = |parts: &[Subset<Vec<usize>>; 3]| {
        let indices = parts.iter().flat_map(|part| part.indices().to_vec());
        indices.collect::<Vec<_>>()
    };
    let first = all(&parts(1));
    assert_eq!(first, all(&parts(1)));
    assert_ne!(first, all(&parts(2)));
    let mut sorted = first;
    sorted.sort_unstable();
    assert_eq!(sorted, numbers);
}

#[test]
fn a_stratified_split_tests_the_same_part_of_each_class() {
    let labels: Vec<i64> = (0..1797).map(|i| i % 10).collect();
    let (train, test) = stratified_split(&labels, 360, 0);
    assert_eq!((train.len(), test.len()), (1437, 360));
    for class in 0..10 {
        let tested = test.iter().filter(|&&i| labels[i] == class).count();
        assert_eq!(tested, 36, "class {class}");
    }
    assert!(test.iter().all(|i| !train.contains(i)));
    assert_eq!(stratified_split(&labels, 360, 0).1, test);
    assert_ne!(stratified_split(&labels, 360, 1).1, test);
    let (_, uneven) = stratified_split(&[0, 0, 0, 1, 1, 2], 4, 0);
    assert_eq!(uneven.len(), 4);
}

#[test]
fn maps_and_subsets_read_through() {
    let x = Tensor::arange(6, DType::F32).reshape(&[3, 2]);
    let rows = Rows::new([x]);
    let sums = Map::new(rows, |[row]: [Tensor; 1]| row.sum().item());
    let some = Subset::new(Arc::new(sums), vec![2, 0]);
    assert_eq!((some.len(), some.get(0).unwrap(), some.get(1).unwrap()), (2, 9.0, 1.0));
}

#[test]
#[should_panic(expected = "rows: the tensors do not have equally many: [[2], [3]]")]
fn rows_are_equally_many() {
    _ = Rows::new([Tensor::from([1.0_f32; 2]), Tensor::from([1.0_f32; 3])]);
}

#[test]
#[should_panic(expected = "subset: no such item: 3 of 3")]
fn a_subset_is_of_items_that_are_there() {
    _ = Subset::new(Arc::new(vec![1, 2, 3]), vec![0, 3]);
}

#[test]
#[should_panic(expected = "random_split: the sizes do not add up to the 3 items: [1, 1]")]
fn parts_add_up() {
    _ = random_split(vec![1, 2, 3], [1, 1], 0);
}

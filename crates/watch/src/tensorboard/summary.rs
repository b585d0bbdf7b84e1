//! The messages of an event, with the numbers that TensorBoard's `event.proto` and `summary.proto`
//! give their fields.

use tensor::{DType, Tensor};

use super::message::Message;

/// The first event of a file; the time is added when it is written.
pub(super) fn version() -> Message {
    Message::new().bytes(3, b"brain.Event:2")
}

/// Says that a training goes on: from `step` on, other files do not count.
pub(super) fn restart(step: u64) -> Message {
    let start = Message::new().integer(1, 1);
    Message::new().integer(2, step).message(7, &start)
}

/// A value at a step.
pub(super) fn event(step: u64, value: &Message) -> Message {
    Message::new().integer(2, step).message(5, &Message::new().message(1, value))
}

pub(super) fn scalar(tag: &str, value: f32) -> Message {
    named(tag).float(2, value)
}

pub(super) fn image(tag: &str, (width, height): (u32, u32), png: &[u8]) -> Message {
    let colours = 3;
    let sizes = [(1, height), (2, width), (3, colours)];
    let image = sizes.iter().fold(Message::new(), |m, &(field, x)| m.integer(field, x.into()));
    named(tag).message(4, &image.bytes(4, png))
}

/// A tensor of one string, for the plugin that shows texts.
pub(super) fn text(tag: &str, text: &str) -> Message {
    let string_type = 7;
    let one = Message::new().message(2, &Message::new().integer(1, 1));
    let tensor = Message::new().integer(1, string_type).message(2, &one).bytes(8, text.as_bytes());
    let plugin = Message::new().bytes(1, b"text");
    named(tag).message(9, &Message::new().message(1, &plugin)).message(8, &tensor)
}

fn named(tag: &str) -> Message {
    Message::new().bytes(1, tag.as_bytes())
}

pub(super) fn histogram(tag: &str, values: &Tensor) -> Message {
    let values = values.detach().to_dtype(DType::F64).to_vec::<f64>();
    let mut values: Vec<f64> = values.into_iter().filter(|x| x.is_finite()).collect();
    values.sort_unstable_by(f64::total_cmp);
    let (limits, counts) = buckets(&values);
    let least = values.first().copied().unwrap_or(0.0);
    let greatest = values.last().copied().unwrap_or(0.0);
    let squares: f64 = values.iter().map(|x| x * x).sum();
    let moments = [least, greatest, values.len() as f64, values.iter().sum(), squares];
    let histogram = (1..).zip(moments).fold(Message::new(), |m, (field, x)| m.double(field, x));
    named(tag).message(5, &histogram.doubles(6, &limits).doubles(7, &counts))
}

/// How many buckets a histogram has; TensorBoard draws thirty.
const BUCKETS: usize = 64;

/// The upper limits of buckets of one width, and how many of the sorted values are in each.
fn buckets(sorted: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let (Some(&least), Some(&greatest)) = (sorted.first(), sorted.last()) else {
        return (vec![0.0], vec![0.0]);
    };
    // TensorBoard takes the least value for the lower limit of the first bucket.
    let at = |i: usize| {
        let part = (i + 1) as f64 / BUCKETS as f64;
        if i + 1 == BUCKETS { greatest } else { least * (1.0 - part) + greatest * part }
    };
    let mut limits: Vec<f64> = (0..BUCKETS).map(at).collect();
    limits.dedup(); // all values are the same, or nearly
    let mut before = 0;
    let mut count = |limit: &f64| {
        let below = sorted.partition_point(|x| x <= limit);
        (below - std::mem::replace(&mut before, below)) as f64
    };
    let counts = limits.iter().map(&mut count).collect();
    (limits, counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_a_bucket() {
        let cases: [&[f64]; 5] = [&[1.0], &[-2.0, 0.0, 0.0, 3.0], &[0.0; 9], &[-1e308, 1e308], &[]];
        for values in cases {
            let (limits, counts) = buckets(values);
            assert_eq!(counts.iter().sum::<f64>(), values.len() as f64, "{values:?}");
            assert_eq!(limits.len(), counts.len());
            assert!(limits.is_sorted_by(|a, b| a < b), "{limits:?}");
        }
    }
}

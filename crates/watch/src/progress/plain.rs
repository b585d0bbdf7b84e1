//! Lines for where there is no terminal: few, and each complete.

use std::fmt::{self, Write as _};
use std::io::Write;
use std::time::{Duration, Instant};

use super::{clock, one_line, rate};

/// The time between two lines: ten seconds, later a tenth of what has passed, at most five minutes.
const SHORTEST: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_secs(300);

/// The state of a loop, and what has been written about it.
pub(super) struct Plain {
    writer: Box<dyn Write + Send>,
    label: String,
    total: Option<usize>,
    /// What was done before, which says nothing about the speed.
    before: usize,
    done: usize,
    message: String,
    start: Instant,
    due: Instant,
    has_ended: bool,
}

impl Plain {
    pub(super) fn new(
        writer: Box<dyn Write + Send>,
        label: String,
        total: Option<usize>,
        now: Instant,
    ) -> Self {
        Self {
            writer,
            label: one_line(label),
            total,
            before: 0,
            done: 0,
            message: String::new(),
            start: now,
            due: now + SHORTEST,
            has_ended: false,
        }
    }

    pub(super) fn start_at(&mut self, done: usize) {
        (self.before, self.done) = (done, done);
    }

    pub(super) fn message(&mut self, text: String) {
        self.message = text;
    }

    pub(super) fn advance(&mut self, items: usize, now: Instant) {
        self.done += items;
        if now >= self.due && self.total.is_none_or(|total| self.done < total) {
            let passed = now.saturating_duration_since(self.start);
            self.due = now + (passed / 10).clamp(SHORTEST, LONGEST);
            let left = self.left(passed).map(|left| format!("{} left", clock(left)));
            self.write(passed, left.as_deref());
        }
    }

    /// The last line, once.
    pub(super) fn end(&mut self, now: Instant) {
        if !self.has_ended {
            self.has_ended = true;
            let passed = now.saturating_duration_since(self.start);
            let is_complete = self.total.is_none_or(|total| self.done >= total);
            let verb = if is_complete { "took" } else { "stopped after" };
            self.write(passed, Some(&format!("{verb} {}", clock(passed))));
        }
    }

    fn speed(&self, passed: Duration) -> f64 {
        (self.done - self.before) as f64 / passed.as_secs_f64()
    }

    fn left(&self, passed: Duration) -> Option<Duration> {
        let left = self.total?.saturating_sub(self.done) as f64;
        Duration::try_from_secs_f64(left / self.speed(passed)).ok()
    }

    fn write(&mut self, passed: Duration, time: Option<&str>) {
        let mut line = format!("{}: {}", self.label, self.done);
        if let Some(total) = self.total {
            let percent = 100 * self.done / total.max(1);
            _ = write!(line, "/{total} ({percent} %)"); // into a string, which cannot fail
        }
        let speed = rate(self.speed(passed));
        for part in [Some(&*speed), time, Some(&*self.message)].into_iter().flatten() {
            if !part.is_empty() {
                line.push_str(", ");
                line.push_str(part);
            }
        }
        line.push('\n');
        // A closed standard error does not stop a training.
        _ = self.writer.write_all(line.as_bytes()).and_then(|()| self.writer.flush());
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plain({}: {} of {:?})", self.label, self.done, self.total)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Text(Arc<Mutex<Vec<u8>>>);

    impl Write for Text {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Text {
        fn lines(&self) -> Vec<String> {
            let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
            text.lines().map(str::to_owned).collect()
        }
    }

    /// A loop of one item a second.
    fn run(total: Option<usize>, seconds: u64, before: usize) -> Vec<String> {
        let (text, start) = (Text::default(), Instant::now());
        let mut plain = Plain::new(Box::new(text.clone()), "epoch 1".to_owned(), total, start);
        plain.start_at(before);
        for second in 1..=seconds {
            plain.message(format!("loss {second}"));
            plain.advance(1, start + Duration::from_secs(second));
        }
        plain.end(start + Duration::from_secs(seconds));
        plain.end(start + Duration::from_secs(seconds));
        text.lines()
    }

    #[test]
    fn a_short_loop_is_one_line() {
        assert_eq!(run(Some(8), 8, 0), ["epoch 1: 8/8 (100 %), 1.0/s, took 0:08, loss 8"]);
    }

    #[test]
    fn a_longer_one_says_what_is_left() {
        let lines = run(Some(200), 25, 0);
        assert_eq!(lines[0], "epoch 1: 10/200 (5 %), 1.0/s, 3:10 left, loss 10");
        assert_eq!(lines[1], "epoch 1: 20/200 (10 %), 1.0/s, 3:00 left, loss 20");
        assert_eq!(lines[2..], ["epoch 1: 25/200 (12 %), 1.0/s, stopped after 0:25, loss 25"]);
    }

    #[test]
    fn the_longer_the_fewer() {
        let (hour, day) = (run(None, 3_600, 0).len(), run(None, 86_400, 0).len());
        assert!((20..60).contains(&hour), "{hour}");
        assert!((300..340).contains(&day), "{day}");
    }

    #[test]
    fn what_was_done_before_is_not_speed() {
        let lines = run(Some(130), 10, 100);
        assert_eq!(lines[0], "epoch 1: 110/130 (84 %), 1.0/s, 0:20 left, loss 10");
    }

    #[test]
    fn without_a_total_there_is_a_count() {
        assert_eq!(run(None, 3, 0), ["epoch 1: 3, 1.0/s, took 0:03, loss 3"]);
        assert_eq!(run(Some(0), 0, 0), ["epoch 1: 0/0 (0 %), -/s, took 0:00"]);
    }
}

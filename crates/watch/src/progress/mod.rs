//! How far a loop is, on standard error: a bar on a terminal, plain lines elsewhere.
//!
//! Standard output stays what the program prints there.

mod bar;
mod plain;

use std::io::{IsTerminal, Write, stderr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use plain::Plain;

/// How far a loop is, how fast, and for how much longer.
///
/// On a terminal it is a bar. Elsewhere (a file, a log of CI) it is a line every ten seconds, less
/// often the longer it takes, and one at the end. Both go to standard error.
///
/// It is a handle: clones show the same. When the last one goes, what is shown stays.
///
/// # Examples
///
/// ```
/// use watch::{Mean, Progress};
///
/// let losses = [0.9, 0.5, 0.4];
/// let progress = Progress::new("epoch 1", losses.len());
/// let mut mean = Mean::new();
/// for loss in progress.wrap(losses) {
///     mean.update(loss, 64);
///     progress.message(format!("loss {mean:.4}"));
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Progress(Arc<Output>);

#[derive(Debug)]
enum Output {
    Hidden,
    Bar(ProgressBar),
    Plain(Mutex<Plain>),
}

impl Progress {
    /// Of a loop over `total` items; `None` if nobody knows how many. `label` stands in front.
    pub fn new(label: impl Into<String>, total: impl Into<Option<usize>>) -> Self {
        let (label, total) = (label.into(), total.into());
        let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        if stderr().is_terminal() && (cfg!(windows) || !is_dumb) {
            let target = indicatif::ProgressDrawTarget::stderr();
            Self(Arc::new(Output::Bar(bar::new(target, label, total))))
        } else {
            Self::lines(stderr(), label, total)
        }
    }

    /// Plain lines, to `writer`. What cannot be written is left out.
    pub fn lines(
        writer: impl Write + Send + 'static,
        label: impl Into<String>,
        total: impl Into<Option<usize>>,
    ) -> Self {
        let plain = Plain::new(Box::new(writer), label.into(), total.into(), Instant::now());
        Self(Arc::new(Output::Plain(Mutex::new(plain))))
    }

    /// One that shows nothing.
    pub fn hidden() -> Self {
        Self(Arc::new(Output::Hidden))
    }

    /// Counts `done` items as done before: for a loop that is resumed. They say nothing about how
    /// fast it is.
    #[must_use]
    pub fn starting_at(self, done: usize) -> Self {
        match &*self.0 {
            Output::Hidden => {}
            Output::Bar(bar) => {
                bar.set_position(done as u64);
                bar.reset_eta();
            }
            Output::Plain(plain) => locked(plain).start_at(done),
        }
        self
    }

    /// The items, each counted when the loop asks for the next one.
    ///
    /// After the last one this is finished; a loop that is left early keeps what it has reached.
    pub fn wrap<I: IntoIterator>(&self, items: I) -> Wrapped<I::IntoIter> {
        Wrapped { items: items.into_iter(), progress: self.clone(), is_working: false }
    }

    /// One more item is done.
    pub fn tick(&self) {
        self.advance(1);
    }

    /// `items` more items are done.
    pub fn advance(&self, items: usize) {
        match &*self.0 {
            Output::Hidden => {}
            Output::Bar(bar) => bar.inc(items as u64),
            Output::Plain(plain) => locked(plain).advance(items, Instant::now()),
        }
    }

    /// Shows `text` behind the rate: a loss, metrics.
    pub fn message(&self, text: impl Into<String>) {
        let text = one_line(text.into());
        match &*self.0 {
            Output::Hidden => {}
            Output::Bar(bar) => bar.set_message(text),
            Output::Plain(plain) => locked(plain).message(text),
        }
    }

    /// Runs `f`, which may print to the terminal, while no bar is in the way.
    pub fn suspend<R>(&self, f: impl FnOnce() -> R) -> R {
        match &*self.0 {
            Output::Bar(bar) => bar.suspend(f),
            Output::Hidden | Output::Plain(_) => f(),
        }
    }

    /// Nothing more will come; what is shown stays.
    pub fn finish(&self) {
        match &*self.0 {
            Output::Hidden => {}
            Output::Bar(bar) => bar::finish(bar),
            Output::Plain(plain) => locked(plain).end(Instant::now()),
        }
    }
}

/// A panic while a line was written leaves nothing that matters half done.
fn locked(plain: &Mutex<Plain>) -> MutexGuard<'_, Plain> {
    plain.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Output {
    fn drop(&mut self) {
        match self {
            Output::Hidden => {}
            Output::Bar(bar) => bar::finish(bar),
            Output::Plain(plain) => locked(plain).end(Instant::now()),
        }
    }
}

/// The items of a loop that is watched: see [`Progress::wrap`].
#[derive(Debug)]
pub struct Wrapped<I> {
    items: I,
    progress: Progress,
    is_working: bool,
}

impl<I: Iterator> Iterator for Wrapped<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_working {
            self.progress.tick();
        }
        let item = self.items.next();
        self.is_working = item.is_some();
        if item.is_none() {
            self.progress.finish();
        }
        item
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }
}

/// A line break would leave pieces of a bar behind.
fn one_line(text: String) -> String {
    if text.contains(char::is_control) { text.replace(char::is_control, " ") } else { text }
}

/// How fast: items a second, or seconds an item.
fn rate(per_second: f64) -> String {
    match per_second {
        x if !x.is_finite() || x <= 0.0 => "-/s".to_owned(),
        x if x >= 100.0 => format!("{x:.0}/s"),
        x if x >= 1.0 => format!("{x:.1}/s"),
        x => format!("{:.1} s each", 1.0 / x),
    }
}

/// How long, in hours (if any), minutes and seconds.
fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs_f64().round() as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_durations_are_short() {
        assert_eq!(rate(1234.5), "1234/s");
        assert_eq!(rate(45.27), "45.3/s");
        assert_eq!(rate(0.25), "4.0 s each");
        assert_eq!([rate(0.0), rate(f64::NAN), rate(f64::INFINITY)], ["-/s", "-/s", "-/s"]);
        assert_eq!(clock(Duration::from_millis(59_600)), "1:00");
        assert_eq!(clock(Duration::from_secs(3_725)), "1:02:05");
    }

    #[test]
    fn a_message_stays_on_its_line() {
        assert_eq!(one_line("a\nb\x1b[2Jc".to_owned()), "a b [2Jc");
    }
}

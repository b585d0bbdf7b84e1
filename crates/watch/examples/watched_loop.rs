//! A loop that is watched: a mean and an accuracy, a bar, and a log that is read again.

use std::error::Error;

use tensor::{CrossEntropyOptions, DType, Generator};
use watch::{Accuracy, Log, Mean, Progress, read_log};

const BATCHES: usize = 20;

#[allow(clippy::print_stdout, reason = "the table is the program's output")]
fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::temp_dir().join(format!("chainrule-watch-{}.csv", std::process::id()));
    let mut log = Log::create(&path, ["loss", "accuracy"])?;
    let mut generator = Generator::new(0);
    for epoch in 1..=3 {
        let (mut loss, mut accuracy) = (Mean::new(), Accuracy::new());
        let progress = Progress::new(format!("epoch {epoch}"), BATCHES);
        for _ in progress.wrap(0..BATCHES) {
            // Scores of a model that becomes surer with time.
            let targets = generator.randint(&[64], 0, 10, DType::I64);
            let noise = generator.normal(&[64, 10], 0.0, 1.0, DType::F64);
            let scores = noise + epoch as f64 * targets.one_hot(10).to_dtype(DType::F64);
            loss.update(scores.cross_entropy(&targets, &CrossEntropyOptions::default()).item(), 64);
            accuracy.update(&scores, &targets);
            progress.message(format!("loss {loss:.4}, accuracy {accuracy}"));
        }
        log.write(epoch, [("loss", loss.value()), ("accuracy", accuracy.value())])?;
    }
    for (epoch, loss) in read_log(&path)?.series("loss") {
        println!("epoch {epoch}: loss {loss:.4}");
    }
    std::fs::remove_file(&path)?;
    Ok(())
}

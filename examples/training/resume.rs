//! What a training remembers, as a checkpoint after each epoch.

use chainrule::checkpoint::{Checkpoint, Checkpoints};
use chainrule::nn::Module;
use chainrule::optim::schedule::{Exponential, Scheduler};
use chainrule::optim::{Adam, Optimizer};
use chainrule::watch::{LineChart, Progress};
use chainrule::{Generator, StateDict, Tensor};

use super::{Options, Outcome};

/// How many checkpoints are kept.
const KEPT: usize = 2;

/// What a training starts with.
pub struct Start<M> {
    pub model: M,
    pub optimizer: Adam,
    /// The factor by which the learning rate falls after each epoch. How many epochs will follow does
    /// not matter, so that a training can go on for longer than was planned.
    pub decay: f64,
    /// For what is random in the model.
    pub rng: Generator,
}

/// A model, and everything else that the next epoch depends on.
pub struct Training<M> {
    pub model: M,
    pub optimizer: Adam,
    pub scheduler: Scheduler<Exponential>,
    pub rng: Generator,
    /// The mean loss of each epoch that is done.
    pub losses: Vec<f64>,
    name: &'static str,
    options: Options,
}

impl<M: Module> Training<M> {
    /// One that starts, or goes on from the last checkpoint in the folder of `--resume`. `name` tells
    /// its checkpoints from those of other examples.
    pub fn start(name: &'static str, options: &Options, start: Start<M>) -> Outcome<Self> {
        let Start { model, mut optimizer, decay, rng } = start;
        let scheduler = Scheduler::new(&mut optimizer, Exponential { gamma: decay });
        let (losses, options) = (Vec::new(), options.clone());
        let mut new = Self { model, optimizer, scheduler, rng, losses, name, options };
        if let Some(checkpoints) = new.checkpoints()
            && let Some(checkpoint) = checkpoints.latest()?
        {
            new.load(&checkpoint)?;
        }
        Ok(new)
    }

    /// The epochs that are left.
    pub fn epochs(&self) -> std::ops::Range<u64> {
        self.losses.len() as u64..self.options.epochs
    }

    /// How far an epoch is, on standard error.
    pub fn progress(&self, epoch: u64, batches: usize) -> Progress {
        if self.options.quiet {
            return Progress::hidden();
        }
        Progress::new(format!("epoch {}", epoch + 1), batches)
    }

    /// An optimiser's step from the gradients of this loss.
    pub fn step(&mut self, loss: &Tensor) {
        loss.backward();
        self.optimizer.step();
        self.optimizer.zero_grad();
    }

    /// Ends an epoch with this mean loss: the learning rate falls, and a checkpoint is saved if
    /// `--resume` names a folder.
    pub fn end_epoch(&mut self, loss: f64) -> Outcome {
        if !loss.is_finite() {
            return Err(format!("{}: the loss is {loss}", self.name).into());
        }
        self.losses.push(loss);
        self.scheduler.step(&mut self.optimizer);
        let Some(checkpoints) = self.checkpoints() else { return Ok(()) };
        let mut losses = StateDict::new();
        losses.insert("losses", Tensor::from(&self.losses[..]));
        let parts = [
            ("model", &self.model.state_dict()),
            ("optimizer", &self.optimizer.state_dict()),
            ("scheduler", &self.scheduler.state_dict()),
            ("rng", &self.rng.state_dict()),
            ("losses", &losses),
        ];
        let of = self.identity();
        checkpoints.save_with(self.losses.len() as u64, &parts, &[("training", &of)])?;
        Ok(())
    }

    /// Draws the loss of each epoch, if `--plot` names a file.
    pub fn plot(&self) -> Outcome {
        let Some(file) = &self.options.plot else { return Ok(()) };
        let points = (1_u32..).map(f64::from).zip(self.losses.iter().copied());
        let chart = LineChart::new(self.name).axes("epoch", "loss").log_y();
        chart.line("training", points).save(file)?;
        Ok(())
    }

    fn checkpoints(&self) -> Option<Checkpoints> {
        self.options.resume.as_ref().map(|folder| Checkpoints::new(folder, KEPT))
    }

    /// What the epochs of a checkpoint must have had in common with the next ones.
    fn identity(&self) -> String {
        format!("{} --seed {}", self.name, self.options.seed)
    }

    fn load(&mut self, checkpoint: &Checkpoint) -> Outcome {
        let (of, path) = (self.identity(), checkpoint.path().display());
        match checkpoint.metadata("training") {
            Some(found) if found == of => {}
            found => return Err(format!("{path}: not of {of}: {found:?}").into()),
        }
        self.model.load_state_dict(checkpoint.state("model")?)?;
        self.optimizer.load_state_dict(checkpoint.state("optimizer")?)?;
        self.scheduler.load_state_dict(checkpoint.state("scheduler")?)?;
        self.rng.load_state_dict(checkpoint.state("rng")?)?;
        self.losses = checkpoint.state("losses")?["losses"].to_vec();
        Ok(())
    }
}

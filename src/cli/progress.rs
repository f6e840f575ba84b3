//! Progress on a terminal; nothing in a pipe.

use std::{
    io::{IsTerminal as _, Write as _},
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{
    app::jobs::{PullProgress, TrainProgress},
    domain::{Precision, Progress, Tower},
};

/// When the answer's text is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// As it is written.
    Streamed,
    /// Not here.
    Later,
}

/// How much is said beside the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Nothing.
    None,
    /// A progress line.
    Progress,
    /// A progress line, and notes.
    Notes,
}

/// Shows how far a job is and notices Ctrl-C.
pub(super) struct Reporter {
    bar: ProgressBar,
    stop: Arc<AtomicBool>,
    detail: Detail,
    output: Output,
    wrote_text: bool,
    template: &'static str,
}

impl Reporter {
    /// The progress line is drawn where standard error is a terminal.
    pub(super) fn new(detail: Detail, output: Output) -> anyhow::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stop);
        ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::Relaxed) {
                // Asked twice: end now. 130 is what a shell reports for Ctrl-C.
                std::process::exit(130);
            }
        })?;
        let is_shown = detail != Detail::None && std::io::stderr().is_terminal();
        let target =
            if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        Ok(Self { bar, stop, detail, output, wrote_text: false, template: "" })
    }

    /// Shows a step; breaks once Ctrl-C was pressed.
    pub(super) fn on_progress(&mut self, progress: Progress) -> ControlFlow<()> {
        match progress {
            Progress::Loading { bytes, total } => {
                self.set("loading weights  {bar:30} {bytes}/{total_bytes}", bytes, total);
            }
            Progress::Recording { bytes, precision } => self.say_recording(bytes, precision),
            Progress::Layer { site, of } if !self.wrote_text => {
                let template = match site.tower {
                    Tower::Vision => "seeing           {bar:30} layer {pos}/{len}",
                    Tower::Resampler => "resampling       {bar:30} layer {pos}/{len}",
                    Tower::Decoder => "reading          {bar:30} layer {pos}/{len}",
                };
                self.set(template, site.layer as u64 + 1, of as u64);
            }
            Progress::Layer { .. } => {}
            Progress::Text(text) => self.write_text(&text),
            Progress::Step { what, done, of } => {
                self.set("{msg:16} {bar:30} {pos}/{len}  {eta}", done as u64, of as u64);
                self.bar.set_message(what);
            }
            Progress::Part { what, done, of } => {
                self.set("{msg:16} {bar:30} {percent} %  {eta}", done, of);
                self.bar.set_message(what);
            }
        }
        self.flow()
    }

    /// Shows how many questions were asked; breaks once Ctrl-C was pressed.
    pub(super) fn on_questions(&mut self, done: usize, of: usize) -> ControlFlow<()> {
        self.set("asking           {bar:30} {pos}/{len}  {eta}", done as u64, of as u64);
        self.flow()
    }

    /// Shows how many scenes were written; breaks once Ctrl-C was pressed.
    pub(super) fn on_scenes(&mut self, done: usize, of: usize) -> ControlFlow<()> {
        self.set("drawing scenes   {bar:30} {pos}/{len}  {eta}", done as u64, of as u64);
        self.flow()
    }

    /// Shows how many bytes of a model are there; breaks once Ctrl-C was pressed.
    pub(super) fn on_pull(&mut self, progress: PullProgress<'_>) -> ControlFlow<()> {
        let PullProgress { file, done, of } = progress;
        if file.is_empty() {
            self.set("asking the hub   {spinner}", 0, 0);
        } else {
            let template = concat!(
                "fetching         {bar:30} {bytes}/{total_bytes}  ",
                "{bytes_per_sec}  {eta}  {msg}"
            );
            self.set(template, done, of);
            self.bar.set_message(file.to_owned());
        }
        self.flow()
    }

    fn flow(&self) -> ControlFlow<()> {
        if self.stop.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Shows how far a training is; breaks once Ctrl-C was pressed. Without a terminal, what was
    /// measured on unseen scenes is a line each.
    pub(super) fn on_training(&mut self, progress: &TrainProgress) -> ControlFlow<()> {
        match progress {
            TrainProgress::Preparing { done, of } => {
                let template = "drawing scenes   {bar:30} {pos}/{len}  {eta}";
                self.set(template, *done as u64, *of as u64);
            }
            TrainProgress::Step { done, of, loss, accuracy } => {
                let template = "training         {bar:30} {pos}/{len}  {msg}  {eta}";
                self.set(template, *done as u64, *of as u64);
                self.bar.set_message(format!("loss {loss:.3}  right {:.1} %", 100.0 * accuracy));
            }
            TrainProgress::Validated { done, measured } => self.say_measured(*done, measured),
        }
        self.flow()
    }

    #[expect(clippy::print_stderr, reason = "what a training has come to")]
    fn say_measured(&self, done: usize, measured: &[(String, f64)]) {
        if self.detail != Detail::None {
            let values: Vec<String> =
                measured.iter().map(|(name, value)| format!("{name} {value:.3}")).collect();
            self.bar.suspend(|| eprintln!("step {done}: {}", values.join(", ")));
        }
    }

    #[expect(clippy::print_stderr, reason = "a note, asked for with -v")]
    fn say_recording(&self, bytes: u64, precision: Precision) {
        if self.detail == Detail::Notes {
            let kind = match precision {
                Precision::F32 => "f32",
                Precision::F16 => "f16",
            };
            let megabytes = bytes as f64 / 1e6;
            self.bar
                .suspend(|| eprintln!("recording at most {megabytes:.1} MB of attention ({kind})"));
        }
    }

    fn set(&mut self, template: &'static str, position: u64, of: u64) {
        if self.bar.is_hidden() {
            return;
        }
        // A new style draws at once; positions are drawn a few times a second.
        if self.template != template
            && let Ok(style) = ProgressStyle::with_template(template)
        {
            self.template = template;
            self.bar.set_style(style);
            self.bar.enable_steady_tick(Duration::from_millis(200));
        }
        self.bar.set_length(of);
        self.bar.set_position(position);
    }

    fn write_text(&mut self, text: &str) {
        if !self.wrote_text {
            self.bar.finish_and_clear();
        }
        self.wrote_text = true;
        if self.output == Output::Streamed {
            let mut out = std::io::stdout();
            // A closed pipe is noticed when the answer is printed.
            out.write_all(text.as_bytes()).and_then(|()| out.flush()).ok();
        }
    }

    /// Takes the progress line away and returns whether the answer was streamed.
    pub(super) fn finish(self) -> bool {
        self.bar.finish_and_clear();
        self.output == Output::Streamed && self.wrote_text
    }
}

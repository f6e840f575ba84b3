//! One run: encode the picture, read the prompt, write the answer.

use std::{cell::RefCell, ops::ControlFlow, time::Instant};

use super::{
    engine::Engine,
    error::{InferenceError, Result},
    picture::EncodedPicture,
};
use crate::{
    domain::{
        AttentionMode, AttentionPlan, Ending, KnockOut, OnProgress, Progress, Prompt, RecordSpec,
        Run, SequenceLayout, TextSpan, Timing, TokenId, TraceShapes, UserText,
    },
    model::{ModelError, TraceRecorder},
    text::{prompt, prompt_from_ids, turn_prompt},
    vision::DecodedImage,
};

/// What a person asks.
#[derive(Clone, Debug)]
pub enum Asked {
    /// A question, put into the family's template.
    Question(String),
    /// A whole user's turn, the picture in its place.
    Turn(UserText),
    /// A whole prompt as tokens, `<image>` as one.
    Ids(Vec<TokenId>),
}

/// One question to be answered once.
#[derive(Clone, Debug)]
pub struct RunRequest {
    /// The question.
    pub asked: Asked,
    /// The attention mode.
    pub mode: AttentionMode,
    /// Tokens to write at most, the stop token included; one is always written.
    pub max_new_tokens: usize,
    /// What to record; `None` for [`RecordSpec::picture_and_words`].
    pub record: Option<RecordSpec>,
}

/// Tokens, their log-probabilities, and why they ended.
struct Written {
    ids: Vec<TokenId>,
    logprobs: Vec<f64>,
    ending: Ending,
}

impl Engine {
    /// The prompt of a question under a mode's order.
    ///
    /// # Errors
    /// A question that is empty or holds template markers; ids without exactly one picture.
    pub fn prompt(&self, asked: &Asked, mode: AttentionMode) -> Result<Prompt> {
        let n_latents = self.network.config().resampler.n_latents;
        Ok(match asked {
            Asked::Question(question) => {
                prompt(&self.tokenizer, self.template, question, mode.order(), n_latents)?
            }
            Asked::Turn(turn) => {
                turn_prompt(&self.tokenizer, self.template, turn, mode.order(), n_latents)?.0
            }
            Asked::Ids(ids) => prompt_from_ids(&self.tokenizer, self.template, ids, n_latents)?,
        })
    }

    /// What each stretch of a turn's prompt is for, with byte ranges in the prompt string.
    ///
    /// # Errors
    /// As [`Self::prompt`].
    pub fn turn_spans(&self, turn: &UserText, mode: AttentionMode) -> Result<Vec<TextSpan>> {
        let n_latents = self.network.config().resampler.n_latents;
        Ok(turn_prompt(&self.tokenizer, self.template, turn, mode.order(), n_latents)?.1)
    }

    /// The shapes of a run's patterns, for [`RecordSpec::bytes`].
    pub fn trace_shapes(&self, layout: &SequenceLayout, max_new_tokens: usize) -> TraceShapes {
        // The last token of an answer is not fed back, so it has no row.
        self.network.trace_shapes(layout.len(), max_new_tokens.saturating_sub(1))
    }

    /// Order, rope positions and mask of a mode over a prompt, with attention taken away.
    ///
    /// # Errors
    /// [`PlanError`](crate::domain::PlanError): a mode that the latents do not fit, a knock-out
    /// that leaves a position nothing to attend to.
    pub fn plan(
        &self,
        prompt: &Prompt,
        mode: AttentionMode,
        knock_outs: &[KnockOut],
    ) -> Result<AttentionPlan> {
        let plan = AttentionPlan::new(mode, &prompt.layout)?;
        Ok(knock_outs.iter().cloned().try_fold(plan, AttentionPlan::without)?)
    }

    /// Answers a question about a picture.
    ///
    /// # Errors
    /// Whatever is wrong with the question or the plan; a stopped prefill. An answer that is stopped
    /// while it is written is no error: the run holds what there was, and says so.
    pub fn run(
        &self,
        image: &DecodedImage,
        request: &RunRequest,
        on_progress: OnProgress<'_>,
    ) -> Result<Run> {
        let (prompt, plan, spec) = self.prepare(request, &[])?;
        self.say_recording(request, &prompt, &spec, on_progress)?;
        let seen = self.see_recorded(image, &spec, on_progress)?;
        let picture = self.encode_recorded(&seen, &spec, on_progress)?;
        self.answer(&picture, request, (prompt, plan, spec), on_progress)
    }

    /// Answers a question about a picture that was encoded before, with attention taken away.
    ///
    /// The run holds what the picture recorded of its own towers, where the request asks for
    /// anything of them.
    ///
    /// # Errors
    /// As [`run`](Self::run); a knock-out that leaves a position nothing to attend to.
    pub fn run_encoded(
        &self,
        picture: &EncodedPicture,
        request: &RunRequest,
        knock_outs: &[KnockOut],
        on_progress: OnProgress<'_>,
    ) -> Result<Run> {
        let (prompt, plan, mut spec) = self.prepare(request, knock_outs)?;
        picture.put_towers_into(&mut spec);
        self.say_recording(request, &prompt, &spec, on_progress)?;
        self.answer(picture, request, (prompt, plan, spec), on_progress)
    }

    /// What is recorded of a run that asks for nothing else.
    ///
    /// # Errors
    /// Whatever is wrong with the question.
    pub fn default_record(
        &self,
        asked: &Asked,
        mode: AttentionMode,
        max_new_tokens: usize,
    ) -> Result<RecordSpec> {
        let layout = self.prompt(asked, mode)?.layout;
        let shapes = self.trace_shapes(&layout, max_new_tokens);
        Ok(RecordSpec::picture_and_words(&layout, &shapes))
    }

    fn prepare(
        &self,
        request: &RunRequest,
        knock_outs: &[KnockOut],
    ) -> Result<(Prompt, AttentionPlan, RecordSpec)> {
        let prompt = self.prompt(&request.asked, request.mode)?;
        self.check_length(prompt.layout.len(), request.max_new_tokens)?;
        let plan = self.plan(&prompt, request.mode, knock_outs)?;
        let spec = match &request.record {
            Some(spec) => spec.clone(),
            None => self.default_record(&request.asked, request.mode, request.max_new_tokens)?,
        };
        Ok((prompt, plan, spec))
    }

    fn say_recording(
        &self,
        request: &RunRequest,
        prompt: &Prompt,
        spec: &RecordSpec,
        on_progress: OnProgress<'_>,
    ) -> Result<()> {
        let bytes = spec.bytes(&self.trace_shapes(&prompt.layout, request.max_new_tokens));
        match on_progress(Progress::Recording { bytes, precision: spec.precision }) {
            ControlFlow::Break(()) => Err(ModelError::Stopped.into()),
            ControlFlow::Continue(()) => Ok(()),
        }
    }

    /// Reads the prompt and writes the answer.
    fn answer(
        &self,
        picture: &EncodedPicture,
        request: &RunRequest,
        (prompt, plan, spec): (Prompt, AttentionPlan, RecordSpec),
        on_progress: OnProgress<'_>,
    ) -> Result<Run> {
        let mut timing = Timing { vision_secs: picture.secs(), ..Timing::default() };
        let mut cache = self.network.new_cache();
        let (decoder_trace, written) = {
            // Layers and text are told to the same listener, never at the same time.
            let report = RefCell::new(on_progress);
            let mut on_layer = |progress| (report.borrow_mut())(progress);
            let mut recorder = TraceRecorder::new(spec.clone(), prompt.layout.len())
                .with_progress(self.on_layer(&mut on_layer));
            let start = Instant::now();
            let latents = picture.latents();
            let logits =
                self.network.prefill(latents, &prompt, &plan, &mut cache, &mut recorder)?;
            timing.prefill_secs = start.elapsed().as_secs_f64();
            let start = Instant::now();
            let on_text = |text: String| (report.borrow_mut())(Progress::Text(text));
            let written = self.write(
                logits,
                request.max_new_tokens,
                |token| {
                    self.network.decode_step(token, &plan, &mut cache, &self.device, &mut recorder)
                },
                on_text,
            )?;
            timing.decode_secs = start.elapsed().as_secs_f64();
            (recorder.into_parts().0, written)
        };
        let mut trace = picture.trace_for(&spec);
        trace.patterns.extend(decoder_trace.patterns);
        Ok(Run {
            mode: request.mode,
            question: prompt.text[prompt.question_bytes.clone()].to_owned(),
            patches: self.network.config().vision.patches(),
            fit: picture.fit(),
            answer: self.tokenizer.decode(&written.ids, true)?,
            answer_ids: written.ids,
            answer_logprobs: written.logprobs,
            ending: written.ending,
            prompt,
            plan,
            spec,
            trace,
            timing,
        })
    }

    /// Greedy decoding: the largest logit, the earlier token where two are equal.
    fn write(
        &self,
        mut logits: Vec<f32>,
        max_new_tokens: usize,
        mut feed: impl FnMut(TokenId) -> std::result::Result<Vec<f32>, ModelError>,
        mut on_text: impl FnMut(String) -> ControlFlow<()>,
    ) -> Result<Written> {
        let stop_ids = self.template.stop_ids(&self.tokenizer)?;
        let mut stream = self.tokenizer.stream();
        let mut written = Written { ids: Vec::new(), logprobs: Vec::new(), ending: Ending::Length };
        loop {
            let (token, logprob) = most_likely(&logits)
                .ok_or(InferenceError::NotFinite { tokens: written.ids.len() })?;
            written.ids.push(token);
            written.logprobs.push(logprob);
            if stop_ids.contains(&token) {
                written.ending = Ending::Stop;
                break;
            }
            if on_text(stream.push(token)?).is_break() {
                written.ending = Ending::Stopped;
                break;
            }
            if written.ids.len() >= max_new_tokens {
                break;
            }
            logits = match feed(token) {
                Err(ModelError::Stopped) => {
                    written.ending = Ending::Stopped;
                    break;
                }
                next => next?,
            };
        }
        let rest = stream.finish();
        if !rest.is_empty() {
            // The answer is over, whatever the listener says now.
            let _is_over = on_text(rest);
        }
        Ok(written)
    }

    pub(super) fn check_length(&self, prompt: usize, answer: usize) -> Result<()> {
        let decoder = &self.network.config().decoder;
        let limit = match decoder.sliding_window {
            Some(window) if prompt + answer > window => {
                format!(
                    "forgets what lies more than {window} positions back, which is not supported"
                )
            }
            _ if prompt + answer > decoder.max_positions => {
                format!("has {} positions", decoder.max_positions)
            }
            _ => return Ok(()),
        };
        Err(InferenceError::TooLong { prompt, answer, limit })
    }
}

/// The index of the largest logit and its log-probability, `logit - ln(sum of exp)`; none where a
/// logit is not a number.
pub(super) fn most_likely(logits: &[f32]) -> Option<(TokenId, f64)> {
    if logits.iter().any(|l| !l.is_finite()) {
        return None;
    }
    let mut best = 0;
    for (id, logit) in logits.iter().enumerate() {
        if *logit > logits[best] {
            best = id;
        }
    }
    let top = f64::from(*logits.get(best)?);
    let sum: f64 = logits.iter().map(|l| (f64::from(*l) - top).exp()).sum();
    Some((best as TokenId, -sum.ln()))
}

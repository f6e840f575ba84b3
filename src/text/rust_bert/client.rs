//! rust-bert as its users see it: how it is, and the tags of a question.

use std::time::{Duration, Instant};

use super::{
    RustBertError, RustBertPlaces, RustBertState, TagAt,
    conversation::{Conversation, Silence},
    reply::{Hello, Reply, hello, reply},
};

/// How long rust-bert may take.
#[derive(Clone, Copy, Debug)]
pub struct RustBertLimits {
    /// From its start to a loaded model.
    pub start: Duration,
    /// From a question to its answer.
    pub answer: Duration,
}

impl Default for RustBertLimits {
    fn default() -> Self {
        Self { start: Duration::from_mins(1), answer: Duration::from_secs(20) }
    }
}

/// The side program, from its start to its end; dropping this ends it.
#[derive(Debug)]
pub struct RustBert {
    places: RustBertPlaces,
    limits: RustBertLimits,
    state: RustBertState,
    /// While [`RustBertState::Starting`] or [`RustBertState::Ready`].
    conversation: Option<Conversation>,
    started: Instant,
}

impl RustBert {
    /// Looks for the program and its model, and starts it where both are there.
    ///
    /// It does not wait for the model to be loaded; [`Self::state`] says how far it is.
    pub fn start(places: RustBertPlaces, limits: RustBertLimits) -> Self {
        let mut rust_bert = Self {
            places,
            limits,
            state: RustBertState::Starting,
            conversation: None,
            started: Instant::now(),
        };
        rust_bert.restart();
        rust_bert
    }

    /// Ends the program where it runs, looks again, and starts it anew.
    ///
    /// Only a person's wish is a reason for this: a program that failed and was started again in
    /// silence would fail in silence.
    pub fn restart(&mut self) {
        self.conversation = None;
        self.started = Instant::now();
        match self.places.find() {
            Ok((program, model)) => {
                self.state = RustBertState::Starting;
                match Conversation::begin(&program, &model) {
                    Ok(conversation) => self.conversation = Some(conversation),
                    Err(source) => {
                        self.fail(RustBertError::Unstartable { program, source });
                    }
                }
            }
            Err(state) => self.state = state,
        }
    }

    /// How it is now; waits at most two seconds, and only where the program has just ended.
    pub fn state(&mut self) -> &RustBertState {
        if self.state == RustBertState::Starting {
            // What went wrong is in the state that is given back.
            self.wait_for_hello(Duration::ZERO).ok();
        }
        &self.state
    }

    /// The tags of a question's words, as rust-bert parts them.
    ///
    /// Waits for the model where it is still being loaded, and for the answer, each within its limit.
    ///
    /// # Errors
    /// All but [`RustBertError::Refused`] and [`RustBertError::NoScores`] leave it
    /// [`RustBertState::Failed`], with its process ended, or find it so or not there.
    pub fn tags(&mut self, question: &str) -> Result<Vec<TagAt>, RustBertError> {
        if self.state == RustBertState::Starting {
            let left = self.limits.start.saturating_sub(self.started.elapsed());
            self.wait_for_hello(left)?;
        }
        let Some(conversation) = &mut self.conversation else {
            return Err(RustBertError::NotReady(self.state.clone()));
        };
        let request = serde_json::json!({ "question": question });
        conversation.send(format!("{request}\n"));
        let said = conversation.line(self.limits.answer);
        let slow = RustBertError::SlowAnswer { limit: self.limits.answer };
        let said = said.map_err(|silence| self.fail(explain(silence, slow)))?;
        let said = reply(&said, question);
        match said.map_err(|reason| self.fail(RustBertError::Garbled { reason }))? {
            Reply::Refused { reason } => Err(RustBertError::Refused { reason }),
            Reply::Words(words)
                if !words.is_empty() && words.iter().all(|word| word.tag.is_none()) =>
            {
                Err(RustBertError::NoScores)
            }
            Reply::Words(words) => Ok(words),
        }
    }

    /// Takes the first line where it comes within `wait`; silence is an error only once the limit for
    /// starting has passed.
    fn wait_for_hello(&mut self, wait: Duration) -> Result<(), RustBertError> {
        let Some(conversation) = &mut self.conversation else { return Ok(()) };
        let limit = self.limits.start;
        let said = match conversation.line(wait) {
            Err(Silence::TooSlow) if self.started.elapsed() < limit => return Ok(()),
            said => said,
        };
        let slow = RustBertError::SlowStart { limit };
        let said = said.map_err(|silence| self.fail(explain(silence, slow)))?;
        match hello(&said).map_err(|reason| self.fail(RustBertError::Garbled { reason }))? {
            Hello::Ready { model } => {
                self.state = RustBertState::Ready { model };
                Ok(())
            }
            Hello::BadModel { reason } => Err(self.fail(RustBertError::BadModel { reason })),
        }
    }

    /// Ends the program and remembers why.
    fn fail(&mut self, error: RustBertError) -> RustBertError {
        self.conversation = None;
        self.state = RustBertState::Failed { reason: error.to_string() };
        error
    }
}

fn explain(silence: Silence, slow: RustBertError) -> RustBertError {
    match silence {
        Silence::TooSlow => slow,
        Silence::Ended { how } => RustBertError::Died { how },
        Silence::TooLong => RustBertError::Garbled { reason: "its line has no end".to_owned() },
    }
}

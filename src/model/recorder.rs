//! Recording: asked first, then shown. The network does not know what becomes of it.

use std::ops::{ControlFlow, Range};

use burn::prelude::*;

use super::{
    error::{ModelError, Result},
    linear::host_values,
};
use crate::domain::{
    AttentionPattern, AttentionSite, AttentionTrace, Block, RecordSpec, Tower, Weights,
};

/// Sees patterns and hidden states of a pass. A recorder that wants nothing changes no number.
pub trait Recorder {
    /// Whether [`record`](Self::record) should be called for a site.
    fn wants(&self, site: AttentionSite) -> bool;

    /// A pattern after its softmax.
    ///
    /// # Shapes
    /// `pattern`: `[1, H, Q, K]`; its first row belongs to position `first_query`.
    fn record(&mut self, site: AttentionSite, first_query: usize, pattern: &Tensor<4>);

    /// Whether [`record_hidden`](Self::record_hidden) should be called.
    fn wants_hidden(&self) -> bool {
        false
    }

    /// The decoder's hidden states: `layer` 0 is its input, `n_layers` its output after the norm.
    ///
    /// # Shapes
    /// `hidden`: `[1, T, d_model]`
    fn record_hidden(&mut self, _layer: usize, _hidden: &Tensor<3>) {}

    /// Called after each layer; breaking ends the pass with [`ModelError::Stopped`].
    fn layer_done(&mut self, _site: AttentionSite) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// [`Recorder::layer_done`] as a result.
pub(super) fn finish_layer(recorder: &mut dyn Recorder, site: AttentionSite) -> Result<()> {
    match recorder.layer_done(site) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(ModelError::Stopped),
    }
}

/// Keeps nothing.
#[derive(Debug, Default)]
pub struct NullRecorder;

impl Recorder for NullRecorder {
    fn wants(&self, _: AttentionSite) -> bool {
        false
    }

    fn record(&mut self, _: AttentionSite, _: usize, _: &Tensor<4>) {}
}

/// Told which layer was computed; breaking stops the pass.
pub type OnLayer<'a> = Box<dyn FnMut(AttentionSite) -> ControlFlow<()> + 'a>;

/// Keeps what a [`RecordSpec`] asks for, in the memory of the CPU.
pub struct TraceRecorder<'a> {
    spec: RecordSpec,
    prompt_len: usize,
    trace: AttentionTrace,
    hidden_rows: Option<Range<usize>>,
    hidden: Vec<Vec<f32>>,
    on_layer: OnLayer<'a>,
}

impl std::fmt::Debug for TraceRecorder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TraceRecorder with {} bytes", self.trace.bytes())
    }
}

impl<'a> TraceRecorder<'a> {
    /// A recorder for a run whose prompt has `prompt_len` positions.
    pub fn new(spec: RecordSpec, prompt_len: usize) -> Self {
        Self {
            spec,
            prompt_len,
            trace: AttentionTrace::default(),
            hidden_rows: None,
            hidden: Vec::new(),
            on_layer: Box::new(|_| ControlFlow::Continue(())),
        }
    }

    /// Also tells `on_layer` of each layer.
    #[must_use]
    pub fn with_progress(mut self, on_layer: OnLayer<'a>) -> Self {
        self.on_layer = on_layer;
        self
    }

    /// Also keeps the hidden states of the next prompt, one entry a layer: `[T, d_model]`.
    #[must_use]
    pub fn with_hidden(self) -> Self {
        self.with_hidden_of(0..usize::MAX)
    }

    /// Also keeps the hidden states of some positions of the next prompt, one entry a layer:
    /// `[positions, d_model]`.
    #[must_use]
    pub fn with_hidden_of(mut self, positions: Range<usize>) -> Self {
        self.hidden_rows = Some(positions);
        self
    }

    /// Takes what was recorded.
    pub fn into_parts(self) -> (AttentionTrace, Vec<Vec<f32>>) {
        (self.trace, self.hidden)
    }
}

impl Recorder for TraceRecorder<'_> {
    fn wants(&self, site: AttentionSite) -> bool {
        self.spec.wants(site)
    }

    fn record(&mut self, site: AttentionSite, first_query: usize, pattern: &Tensor<4>) {
        let [_, n_heads, n_queries, n_keys] = pattern.dims();
        let tower = self.spec.tower(site.tower);
        let heads = tower.heads.among(n_heads);
        let is_generated = site.tower == Tower::Decoder && first_query >= self.prompt_len;
        let blocks = match is_generated {
            true if self.spec.generated_rows => vec![Block::ALL],
            true => Vec::new(),
            false => tower.blocks.clone(),
        };
        for block in blocks {
            let block = block.within(first_query..first_query + n_queries, 0..n_keys);
            if block.area() == 0 || heads.is_empty() {
                continue;
            }
            let rows = block.queries.start - first_query..block.queries.end - first_query;
            let kept = pattern.clone().slice([0..1, 0..n_heads, rows, block.keys.clone()]);
            let mut values = host_values(kept);
            if heads.len() < n_heads {
                let area = block.area() as usize;
                values =
                    heads.iter().flat_map(|h| values[h * area..(h + 1) * area].to_vec()).collect();
            }
            let weights = Weights::new(values, self.spec.precision);
            let Block { queries, keys } = block;
            let pattern = AttentionPattern { heads: heads.clone(), queries, keys, weights };
            self.trace.push(site, pattern);
        }
    }

    fn wants_hidden(&self) -> bool {
        self.hidden_rows.is_some()
    }

    fn record_hidden(&mut self, _layer: usize, hidden: &Tensor<3>) {
        let n_rows = hidden.dims()[1];
        let Some(rows) = self.hidden_rows.as_ref() else { return };
        // A single row is a generated token's; a prompt is never that short.
        if n_rows > 1 {
            let (start, end) = (rows.start.min(n_rows), rows.end.min(n_rows));
            let kept = hidden.clone().narrow(1, start, end.saturating_sub(start));
            self.hidden.push(host_values(kept));
        }
    }

    fn layer_done(&mut self, site: AttentionSite) -> ControlFlow<()> {
        (self.on_layer)(site)
    }
}

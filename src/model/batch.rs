//! Many pictures and sequences in one pass, for training and for measuring.
//!
//! The layers are those of a single run; this file only lays out what goes into them. It works on
//! networks that Burn computes alone (a card, or the processor with gradients).

use std::sync::Arc;

use burn::prelude::*;

use super::{
    ComputeDevice, Mllm,
    decoder::{LastRows, Pass},
    error::Result,
    kv_cache::KvCache,
    mask_bias::Blocked,
    recorder::NullRecorder,
};
use crate::domain::{AttentionMask, AttentionPlan, PixelInput, Prompt, TokenId};

/// What stands at one position of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Row {
    /// A token.
    Token(TokenId),
    /// A latent of the sequence's picture.
    Latent(usize),
}

/// A prompt and an answer that is given, laid out for one pass.
#[derive(Clone, Debug)]
pub(crate) struct Sequence {
    /// Which of the batch's pictures it is about.
    pub(crate) picture: usize,
    /// Prompt, then answer.
    pub(crate) rows: Vec<Row>,
    /// What the prompt's positions may attend to; those of the answer see all before them.
    pub(crate) mask: AttentionMask,
    /// One a row.
    pub(crate) rope_positions: Vec<u32>,
    /// Rows whose logits are wanted, and the token each should foretell.
    pub(crate) targets: Vec<(usize, TokenId)>,
}

impl Sequence {
    /// A prompt under its plan, followed by an answer whose every token is a target.
    pub(crate) fn new(
        picture: usize,
        prompt: &Prompt,
        plan: &AttentionPlan,
        answer: &[TokenId],
    ) -> Self {
        let image = prompt.layout.image();
        let prompt_len = prompt.layout.len();
        let row = |position: usize| match image.contains(&position) {
            true => Row::Latent(position - image.start),
            false => Row::Token(prompt.tokens[position].id),
        };
        // The last token of the answer is foretold but never read.
        let n_read = answer.len().saturating_sub(1);
        let rows = (0..prompt_len).map(row).chain(answer[..n_read].iter().copied().map(Row::Token));
        let written = (0..n_read as u32).map(|i| plan.next_rope_position + i);
        Self {
            picture,
            rows: rows.collect(),
            mask: plan.mask.clone(),
            rope_positions: plan.rope_positions.iter().copied().chain(written).collect(),
            targets: (prompt_len - 1..).zip(answer.iter().copied()).collect(),
        }
    }

    /// Several texts about one picture as one sequence: what they begin with in common once, then
    /// each one's own rows, at their own rope positions and blind to those of the others.
    ///
    /// Every target is foretold as in its own sequence. `None` where the picture does not lie in
    /// what is common, because it may attend to the words, or because it stands behind them.
    pub(crate) fn packed(texts: &[&Self]) -> Option<Self> {
        let beginning = common_beginning(texts);
        let (first, _) = texts.split_first()?;
        let is_latent = |row: &Row| matches!(row, Row::Latent(_));
        if first.rows[beginning..].iter().any(is_latent) {
            return None;
        }
        let lens: Vec<usize> = texts.iter().map(|text| text.rows.len()).collect();
        let mut packed = Self {
            picture: first.picture,
            rows: first.rows[..beginning].to_vec(),
            mask: AttentionMask::side_by_side(beginning, &lens, |text, query, key| {
                texts[text].allows(query, key)
            }),
            rope_positions: first.rope_positions[..beginning].to_vec(),
            targets: Vec::new(),
        };
        for text in texts {
            let shift = packed.rows.len() - beginning;
            packed.rows.extend_from_slice(&text.rows[beginning..]);
            packed.rope_positions.extend_from_slice(&text.rope_positions[beginning..]);
            packed.targets.extend(text.targets.iter().map(|(row, token)| (row + shift, *token)));
        }
        Some(packed)
    }

    fn allows(&self, query: usize, key: usize) -> bool {
        match query < self.mask.len() && key < self.mask.len() {
            true => self.mask.allows(query, key),
            false => key <= query,
        }
    }
}

/// How many rows at their beginning are the same in all texts about a picture, and blind to what
/// follows. Rows that foretell a token are nobody's in common.
fn common_beginning(texts: &[&Sequence]) -> usize {
    let Some((first, _)) = texts.split_first() else { return 0 };
    let before_targets = |text: &&Sequence| text.targets.first().map_or(0, |(row, _)| *row);
    let shortest = texts.iter().map(before_targets).min().unwrap_or(0);
    let is_same = |i: &usize| {
        texts.iter().all(|text| {
            text.picture == first.picture
                && text.rows[*i] == first.rows[*i]
                && text.rope_positions[*i] == first.rope_positions[*i]
        })
    };
    let mut n = (0..shortest).take_while(is_same).count();
    // A row that sees beyond the beginning ends it, and so may end it for rows before.
    loop {
        let is_blind = |i: &usize| {
            texts.iter().all(|text| (n..text.mask.len()).all(|key| !text.allows(*i, key)))
        };
        let blind = (0..n).take_while(is_blind).count();
        if blind == n {
            return n;
        }
        n = blind;
    }
}

/// How many rows at their beginning are the same tokens in all sequences, and blind to what follows.
///
/// Their keys and values depend on nothing else, so they are computed once for all.
pub(crate) fn common_prefix(sequences: &[Sequence]) -> usize {
    let Some((first, rest)) = sequences.split_first() else { return 0 };
    let is_common = |i: usize| {
        matches!(first.rows[i], Row::Token(_))
            && first.rope_positions[i] as usize == i
            && (i + 1..first.rows.len()).all(|key| !first.allows(i, key))
            && rest.iter().all(|other| {
                other.rows.get(i) == Some(&first.rows[i])
                    && other.rope_positions[i] as usize == i
                    && (i + 1..other.rows.len()).all(|key| !other.allows(i, key))
            })
    };
    // At least one row stays: a pass over nothing has no shape.
    (0..first.rows.len() - 1).take_while(|i| is_common(*i)).count()
}

impl Mllm {
    /// The vision tower over several pictures. Shape `[B, P, d_vision]`.
    pub(crate) fn encode_pictures(
        &self,
        pictures: &[&PixelInput],
        device: &ComputeDevice,
    ) -> Result<Tensor<3>> {
        self.vision_encoder.forward(pictures, device.burn(), &mut NullRecorder)
    }

    /// The resampler over several pictures. Shape `[B, L, d_decoder]`.
    pub(crate) fn resample_pictures(&self, patches: &Tensor<3>) -> Result<Tensor<3>> {
        self.vision_tokenizer.forward(patches, &mut NullRecorder)
    }

    /// Logits at the targets of all sequences, in their order. Shape `[targets, V]`.
    ///
    /// # Shapes
    /// `latents`: `[pictures, L, d_decoder]`
    ///
    /// # Panics
    /// For weights in the memory of the CPU, which are read a sequence at a time.
    pub(crate) fn logits_at_targets(
        &self,
        latents: &Tensor<3>,
        sequences: &[Sequence],
        prefix: usize,
    ) -> Result<Tensor<2>> {
        let device = latents.device();
        let config = &self.config.decoder;
        let [n_pictures, n_latents, d_model] = latents.dims();
        let batch = sequences.len();
        let len = sequences.iter().map(|s| s.rows.len()).max().unwrap_or(0) - prefix;
        let Some(table) = self.lang_model.embedding_table() else {
            panic!("batches are computed on Burn's devices");
        };
        let n_tokens = table.dims()[0];
        let latents = latents.clone().reshape([n_pictures * n_latents, d_model]);
        let table = Tensor::cat(vec![table, latents], 0);
        let embed = |indices: Vec<i32>, shape: [usize; 2]| {
            let indices = Tensor::<1, Int>::from_data(indices.as_slice(), &device);
            table.clone().select(0, indices).reshape([shape[0], shape[1], d_model])
        };
        let index = |sequence: &Sequence, row: usize| match sequence.rows.get(row) {
            Some(Row::Token(id)) => *id as i32,
            Some(Row::Latent(latent)) => (n_tokens + sequence.picture * n_latents + latent) as i32,
            None => 0,
        };

        let mut cache = KvCache::new(config.n_layers);
        if prefix > 0 {
            let positions: Vec<u32> = (0..prefix as u32).collect();
            let causal = AttentionMask::causal(prefix).entries().iter().map(|a| !a).collect();
            let blocked = Blocked::batch(causal, [1, prefix, prefix], &device);
            let mut pass = Pass {
                rope: config.rope.tables(&positions, &device),
                blocked: vec![Some(blocked); config.n_layers],
                first_query: 0,
                cache: &mut cache,
                last_rows: None,
                recorder: &mut NullRecorder,
            };
            let indices = (0..prefix).map(|row| index(&sequences[0], row)).collect();
            self.lang_model.forward(embed(indices, [1, prefix]), &mut pass)?;
        }

        let rows = prefix..prefix + len;
        let indices = sequences.iter().flat_map(|s| rows.clone().map(move |row| (s, row)));
        let indices = indices.map(|(s, row)| index(s, row)).collect();
        let positions: Vec<u32> = sequences
            .iter()
            .flat_map(|s| rows.clone().map(|row| s.rope_positions.get(row).copied().unwrap_or(0)))
            .collect();
        let last_rows = last_rows(sequences, prefix, len);
        let mut pass = Pass {
            rope: config.rope.tables(&positions, &device).of_batch(batch),
            blocked: vec![Some(blocked_rows(sequences, prefix, len, &device)); config.n_layers],
            first_query: prefix,
            cache: &mut cache,
            last_rows: Some(last_rows.clone()),
            recorder: &mut NullRecorder,
        };
        let hidden = self.lang_model.forward(embed(indices, [batch, len]), &mut pass)?;
        let (first, n) = (&last_rows.first, last_rows.n);
        let wanted: Vec<i32> = (0..batch)
            .flat_map(|i| sequences[i].targets.iter().map(move |target| (i, target)))
            .map(|(i, (row, _))| (i * n + row - prefix - first[i]) as i32)
            .collect();
        let wanted = Tensor::<1, Int>::from_data(wanted.as_slice(), &device);
        let hidden = hidden.reshape([batch * n, d_model]).select(0, wanted);
        Ok(self.lang_model.logits(hidden.unsqueeze()))
    }
}

/// The rows that hold all targets, as many for each sequence.
fn last_rows(sequences: &[Sequence], prefix: usize, len: usize) -> LastRows {
    // The targets of a sequence follow each other, and begin behind the common prefix.
    let span = |s: &Sequence| match (s.targets.first(), s.targets.last()) {
        (Some((first, _)), Some((last, _))) => (first - prefix, last - prefix + 1),
        _ => (0, 0),
    };
    let n = sequences.iter().map(span).map(|(first, end)| end - first).max().unwrap_or(0).max(1);
    let first = sequences.iter().map(|s| span(s).0.min(len - n)).collect();
    LastRows { first: Arc::new(first), n }
}

/// The masks of all sequences behind their common prefix. Rows beyond a sequence's end see
/// themselves, so that their softmax is a number; nobody sees them.
fn blocked_rows(sequences: &[Sequence], prefix: usize, len: usize, device: &Device) -> Blocked {
    let keys = prefix + len;
    let mut entries = Vec::with_capacity(sequences.len() * len * keys);
    for sequence in sequences {
        let end = sequence.rows.len();
        for query in prefix..keys {
            let allows = |key: usize| match query < end && key < end {
                true => sequence.allows(query, key),
                false => key == query,
            };
            entries.extend((0..keys).map(|key| !allows(key)));
        }
    }
    Blocked::batch(entries, [sequences.len(), len, keys], device)
}

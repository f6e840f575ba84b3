//! The maps that a person asks for: attention between words or tokens and latents, carried back to
//! the picture.

use crate::domain::{Heatmap, MapKind, Reading, Run};

use super::{
    AnalysisError, MapRequest, PatchMass, Projector,
    block::{chosen_heads, chosen_layers},
    map_caption::{Read, caption, notes},
    map_request::{question_positions, rows_of},
    mean_block::MeanBlock,
};

/// Attention on latents, before it is carried back.
#[derive(Debug)]
pub(super) struct OnLatents {
    /// What the latents hold of the reading that is carried back: mass, or share. Shape `[L]`.
    pub(super) held: Vec<f64>,
    /// What they would hold of the mass under uniform attention and the same mask. Shape `[L]`.
    pub(super) expected: Vec<f64>,
    /// Of the mass that would be read, the part on excluded sinks.
    pub(super) excluded: f64,
    /// Rows that may attend to what was asked for; of those that may not, nothing was to be read.
    pub(super) n_open: usize,
    /// Rows in all.
    pub(super) n_rows: usize,
}

impl Projector {
    /// A map of a run.
    ///
    /// With `a[r, c]` the mean weight over layers and heads, `e[r, c]` what uniform attention under
    /// the run's own mask would pay (`1 / number of keys that r may attend to`, or 0), `F[j, p]` the
    /// part of latent `j` that comes from patch `p`, and `C` the words:
    ///
    /// ```text
    /// looks at, answered from:  m[j] = mean over rows r of a[r, j]      rows that may attend to latents
    /// read by:                  m[j] = sum over c in C of a[j, c] / L
    ///
    /// mass[p]  = sum over j of m[j] F[j, p]
    /// share[p] = the same, each row first divided by what it paid to the block that is read: all
    ///            latents, or (read by) all words of the question
    /// lift[p]  = mass[p] / the same of e
    /// ```
    ///
    /// Lift divides after carrying back, not before: `sum of (m[j] / e[j]) F[j, p]` is no 1 where
    /// attention is uniform, but shows which patches the resampler reads most whatever is asked.
    /// Divided after, that preference stands above and below the line, and uniform attention gives 1
    /// on every patch.
    ///
    /// Mass and share are conserved: with `unplaced` they sum to what was paid (a share to 1).
    ///
    /// *Made from* is the resampler's alone ([`Projector::made_from`]): its positions are latents, and
    /// no layer, head, sink or reading of the decoder is in it.
    ///
    /// # Errors
    /// [`AnalysisError`]: what was not recorded, by name; a position, token or choice that is not
    /// there; a share of something outside the question; another run than the projector's.
    pub fn map(&self, run: &Run, request: &MapRequest) -> Result<Heatmap, AnalysisError> {
        if request.kind == MapKind::MadeFrom {
            self.check(run)?;
            return self.made_from(&request.positions);
        }
        let (read, on_latents) = self.read_on_latents(run, request)?;
        Ok(self.heatmap(run, request, &read, &on_latents))
    }

    /// What each latent holds of a map before it is carried back: of mass or, where the request asks for
    /// it, of share. Where latents are rows (*read by*), its own part of their mean.
    ///
    /// # Shapes
    /// output: `[L]`
    ///
    /// # Errors
    /// As [`Projector::map`].
    pub fn held(&self, run: &Run, request: &MapRequest) -> Result<Vec<f64>, AnalysisError> {
        Ok(self.on_latents(run, request)?.held)
    }

    /// What is on each latent, by whichever map.
    pub(super) fn on_latents(
        &self,
        run: &Run,
        request: &MapRequest,
    ) -> Result<OnLatents, AnalysisError> {
        if request.kind == MapKind::MadeFrom {
            self.check(run)?;
            return self.of_latents(&request.positions);
        }
        Ok(self.read_on_latents(run, request)?.1)
    }

    /// What is read of the decoder, and the attention on latents that it comes to.
    fn read_on_latents(
        &self,
        run: &Run,
        request: &MapRequest,
    ) -> Result<(Read, OnLatents), AnalysisError> {
        self.check(run)?;
        let read = Read::of(run, request)?;
        let on_latents = match request.kind {
            MapKind::ReadBy => paid_to_words(run, request, &read)?,
            MapKind::LooksAt | MapKind::AnsweredFrom(_) => paid_to_latents(run, request, &read)?,
            MapKind::Rollout | MapKind::MadeFrom => {
                let kind = request.kind.to_string();
                return Err(AnalysisError::WrongKind { what: "a map of attention", kind });
            }
        };
        Ok((read, on_latents))
    }

    fn heatmap(&self, run: &Run, request: &MapRequest, read: &Read, on: &OnLatents) -> Heatmap {
        let MapRequest { kind, reading, .. } = *request;
        let PatchMass { mass, unplaced } = self.place(&on.held);
        let is_closed = on.n_open == 0;
        let (values, unplaced) = match reading {
            Reading::Share if is_closed => (vec![f64::NAN; mass.len()], 0.0),
            Reading::Mass | Reading::Share => (mass, unplaced),
            Reading::Lift => {
                let total = mass.iter().sum::<f64>() + unplaced;
                let expected = self.place(&on.expected).mass;
                // Nothing over nothing is not a number, as it should be.
                let lift = mass.iter().zip(&expected).map(|(mass, expected)| mass / expected);
                (lift.collect(), if total > 0.0 { unplaced / total } else { 0.0 })
            }
        };
        let mut map = Heatmap::new(self.patches(), values, kind, reading);
        map.unplaced = unplaced;
        map.by_construction = is_closed;
        map.excluded = on.excluded;
        map.caption = caption(run, request, read, self, on, unplaced);
        map.notes = notes(run, request, on);
        map
    }
}

impl Read {
    /// Layers, heads and rows that a request means.
    pub(super) fn of(run: &Run, request: &MapRequest) -> Result<Self, AnalysisError> {
        let (found, expected) = (run.plan.mask.len(), run.prompt.layout.len());
        if found != expected {
            return Err(AnalysisError::Length { what: "the plan's masks", found, expected });
        }
        let layers = chosen_layers(&run.trace, &request.layers)?;
        let heads = chosen_heads(&run.trace, &layers, &request.heads)?;
        let positions = rows_of(run, request.kind, &request.positions)?;
        Ok(Self { layers, heads, positions })
    }
}

/// What rows of text pay to latents, averaged over the rows that may attend to any.
fn paid_to_latents(
    run: &Run,
    request: &MapRequest,
    read: &Read,
) -> Result<OnLatents, AnalysisError> {
    let latents: Vec<usize> = run.prompt.layout.image().collect();
    let n_latents = latents.len();
    let block = MeanBlock::read(run, read.sites(), &read.positions, &latents)?;
    let is_out: Vec<bool> = latents.iter().map(|latent| request.sinks.excludes(*latent)).collect();
    if is_out.iter().all(|out| *out) {
        return Err(AnalysisError::AllAreSinks { what: "latent" });
    }
    let [mut held, mut expected] = [vec![0.0; n_latents], vec![0.0; n_latents]];
    let [mut paid, mut left_out] = [0.0; 2];
    let [mut n_open, mut n_counted] = [0; 2];
    for (mean, uniform) in block.rows() {
        if uniform.iter().all(|e| *e == 0.0) {
            continue;
        }
        n_open += 1;
        let of_row: f64 = mean.iter().sum();
        let out_of_row: f64 =
            mean.iter().zip(&is_out).filter(|(_, out)| **out).map(|(m, _)| m).sum();
        paid += of_row;
        left_out += out_of_row;
        let divisor = match request.reading {
            Reading::Share if of_row > out_of_row => of_row - out_of_row,
            Reading::Share => continue, // a row that paid nothing has no share
            Reading::Mass | Reading::Lift => 1.0,
        };
        n_counted += 1;
        for j in (0..n_latents).filter(|j| !is_out[*j]) {
            held[j] += mean[j] / divisor;
            expected[j] += uniform[j];
        }
    }
    let n = (n_counted as f64).max(1.0);
    held.iter_mut().chain(&mut expected).for_each(|value| *value /= n);
    let excluded = if paid > 0.0 { left_out / paid } else { 0.0 };
    Ok(OnLatents { held, expected, excluded, n_open, n_rows: read.positions.len() })
}

/// What each latent pays to words, as its part of a mean over latents.
fn paid_to_words(run: &Run, request: &MapRequest, read: &Read) -> Result<OnLatents, AnalysisError> {
    let latents: Vec<usize> = run.prompt.layout.image().collect();
    let is_share = request.reading == Reading::Share;
    let words = &read.positions;
    let columns = if is_share { question_positions(run) } else { words.clone() };
    if let Some(&position) = words.iter().find(|word| columns.binary_search(word).is_err()) {
        let text = run.prompt.tokens.get(position).map_or_else(String::new, |t| t.text.clone());
        return Err(AnalysisError::NotInQuestion { position, text });
    }
    if words.iter().all(|word| request.sinks.excludes(*word)) {
        return Err(AnalysisError::AllAreSinks { what: "chosen word" });
    }
    let block = MeanBlock::read(run, read.sites(), &latents, &columns)?;
    let is_word: Vec<bool> = columns.iter().map(|c| words.binary_search(c).is_ok()).collect();
    let is_out: Vec<bool> = columns.iter().map(|c| request.sinks.excludes(*c)).collect();
    let [mut held, mut expected] = [vec![0.0; latents.len()], vec![0.0; latents.len()]];
    let [mut paid, mut left_out] = [0.0; 2];
    let [mut n_open, mut n_counted] = [0; 2];
    for (j, (mean, uniform)) in block.rows().enumerate() {
        let [mut of_words, mut of_block] = [0.0; 2];
        let mut is_open = false;
        for (c, weight) in mean.iter().enumerate() {
            paid += weight;
            if is_out[c] {
                left_out += weight;
                continue;
            }
            of_block += weight;
            if is_word[c] {
                of_words += weight;
                expected[j] += uniform[c];
                is_open |= uniform[c] > 0.0;
            }
        }
        n_open += usize::from(is_open);
        if is_share && of_block > 0.0 {
            n_counted += 1;
            held[j] = of_words / of_block;
        } else if !is_share {
            n_counted += 1;
            held[j] = of_words;
        }
    }
    let n = (n_counted as f64).max(1.0);
    held.iter_mut().chain(&mut expected).for_each(|value| *value /= n);
    let excluded = if paid > 0.0 { left_out / paid } else { 0.0 };
    Ok(OnLatents { held, expected, excluded, n_open, n_rows: latents.len() })
}

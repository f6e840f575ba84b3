//! What the picture's rows pay to each bucket of the question, read once of a run.

use std::sync::Arc;

use crate::domain::{
    AttentionPlan, AttentionSite, AttentionTrace, Bucket, Choice, Segment, SequenceLayout, Tower,
};

use super::{
    AnalysisError, BucketSpec, ByBucket, HeadWeighting, TemplateTokens,
    block::{Rectangle, ascending, heads_among, layers_among},
    bucket_mask::{BucketMask, BucketPlace, N, PerBucket},
    bucket_sums::RowSums,
};

/// Masses of every row on every bucket, head by head.
///
/// The block of picture and question is millions of weights, and most choices of layers and heads read many
/// of them; so they are read once, and a choice adds up these masses: about a sixth as many numbers, more or
/// fewer as a question is long. A correction of a word's bucket is another place to read.
#[derive(Clone, Debug)]
pub struct BucketRows {
    latents: Vec<usize>,
    place: BucketPlace,
    how: (HeadWeighting, TemplateTokens),
    layers: Vec<Layer>,
}

/// What was recorded of one layer.
#[derive(Clone, Debug)]
struct Layer {
    layer: usize,
    mask: Arc<BucketMask>,
    /// Ascending.
    heads: Vec<usize>,
    /// One entry a head, `[rows][buckets]`, or why there is none: it is told where the head is asked for.
    masses: Vec<Result<Vec<PerBucket>, AnalysisError>>,
}

impl BucketRows {
    /// Reads what was recorded of the layers, heads and rows of `spec`.
    ///
    /// # Shapes
    /// - `buckets`: `[T]`, as [`by_bucket`](super::by_bucket()) takes them
    ///
    /// # Errors
    /// [`AnalysisError`]: another number of positions; no row, or no token of the question with a bucket. What
    /// was not recorded of a layer or head is told by [`BucketRows::read`].
    pub fn new(
        trace: &AttentionTrace,
        plan: &AttentionPlan,
        layout: &SequenceLayout,
        buckets: &[Option<Bucket>],
        spec: &BucketSpec,
    ) -> Result<Self, AnalysisError> {
        let len = layout.len();
        for (what, found) in [("buckets", buckets.len()), ("the plan's masks", plan.mask.len())] {
            if found != len {
                return Err(AnalysisError::Length { what, found, expected: len });
            }
        }
        let latents = chosen_latents(layout, &spec.latents)?;
        let place = place_of(layout, &latents, buckets)?;
        let how = (spec.heads_weigh, spec.template);
        let mut layers: Vec<Layer> = Vec::new();
        let sites = trace.patterns.keys().filter(|site| site.tower == Tower::Decoder);
        for site in sites.filter(|site| spec.layers.contains(site.layer)) {
            let mask = plan.mask_of_layer(site.layer);
            // Nearly always all layers have one mask.
            let mask = match layers.last() {
                Some(last) if last.mask.is_of(&mask) => Arc::clone(&last.mask),
                _ => Arc::new(BucketMask::new(mask, &place)),
            };
            layers.push(Layer::read(trace, (*site, mask), &place, &spec.heads));
        }
        Ok(Self { latents, place, how, layers })
    }

    /// The readings of some layers and heads, of those that were read.
    ///
    /// # Errors
    /// [`AnalysisError`]: whatever of them was not recorded, by name; an empty choice; a trace that
    /// contradicts the plan.
    pub fn read(&self, layers: &Choice, heads: &Choice) -> Result<ByBucket, AnalysisError> {
        let recorded: Vec<usize> = self.layers.iter().map(|layer| layer.layer).collect();
        let layers = layers_among(&recorded, layers)?;
        let is_chosen = |layer: &&Layer| layers.binary_search(&layer.layer).is_ok();
        let chosen = self.layers.iter().filter(is_chosen);
        let heads = heads_among(chosen.clone().map(|layer| layer.heads.as_slice()), heads)?;
        let mut sums = RowSums::new(self.latents.len(), &self.place.buckets, self.how);
        for layer in chosen {
            sums.add_layer(&layer.mask);
            for &head in &heads {
                sums.add_head(&layer.mask, layer.masses_of(head)?);
            }
        }
        let n_heads = heads.len();
        let (heads_weigh, template) = self.how;
        let asked = ByBucket {
            layers,
            heads,
            latents: self.latents.clone(),
            heads_weigh,
            template,
            buckets: Vec::new(),
            template_share: None,
            unplaced: 0.0,
            rows_without_share: 0,
        };
        Ok(sums.into_readings(n_heads, asked))
    }
}

impl Layer {
    fn read(
        trace: &AttentionTrace,
        (site, mask): (AttentionSite, Arc<BucketMask>),
        place: &BucketPlace,
        heads: &Choice,
    ) -> Self {
        let patterns = trace.patterns.get(&site).map_or(&[][..], Vec::as_slice);
        let held = heads_among(patterns.iter().map(|p| p.heads.as_slice()), &Choice::All);
        let held = held.unwrap_or_default().into_iter().filter(|head| heads.contains(*head));
        let heads: Vec<usize> = held.collect();
        let rectangle = Rectangle::new(&place.rows, &place.columns);
        let mut weights = vec![0.0; place.rows.len() * place.columns.len()];
        let of_head = |head: &usize| {
            weights.fill(0.0);
            rectangle.add_head(trace, site, *head, &mut weights)?;
            if let Some(entry) = mask.contradiction(&weights) {
                let (row, column) = (entry / place.columns.len(), entry % place.columns.len());
                let (query, key) = (place.rows[row], place.columns[column]);
                let found = weights[entry] as f32;
                return Err(AnalysisError::PlanDisagrees { site, head: *head, query, key, found });
            }
            let by_row = weights.chunks_exact(place.columns.len());
            Ok(by_row.map(|row| masses(&place.buckets, row)).collect())
        };
        let masses = heads.iter().map(of_head).collect();
        Self { layer: site.layer, mask, heads, masses }
    }

    fn masses_of(&self, head: usize) -> Result<&[PerBucket], AnalysisError> {
        match self.heads.binary_search(&head).map(|h| &self.masses[h]) {
            Ok(Ok(masses)) => Ok(masses),
            Ok(Err(error)) => Err(error.clone()),
            Err(_) => {
                let site = AttentionSite { tower: Tower::Decoder, layer: self.layer };
                Err(AnalysisError::MissingHead { site, head })
            }
        }
    }
}

/// What one row pays to each bucket.
fn masses(buckets: &[usize], weights: &[f64]) -> PerBucket {
    let mut masses = [0.0; N];
    for (&bucket, weight) in buckets.iter().zip(weights) {
        masses[bucket] += weight;
    }
    masses
}

/// Rows of the picture by tokens of the question that have a bucket.
fn place_of(
    layout: &SequenceLayout,
    latents: &[usize],
    buckets: &[Option<Bucket>],
) -> Result<BucketPlace, AnalysisError> {
    let rows = latents.iter().map(|latent| layout.image().start + latent).collect();
    let question = layout.get(Segment::Question).unwrap_or(0..0);
    let index = |bucket: Bucket| Bucket::ALL.iter().position(|b| *b == bucket);
    let (columns, buckets): (Vec<usize>, Vec<usize>) =
        question.filter_map(|key| Some((key, buckets[key].and_then(index)?))).unzip();
    if columns.is_empty() {
        return Err(AnalysisError::Nothing { what: "token of the question with a bucket" });
    }
    Ok(BucketPlace { rows, columns, buckets })
}

fn chosen_latents(layout: &SequenceLayout, latents: &Choice) -> Result<Vec<usize>, AnalysisError> {
    let n_latents = layout.image().len();
    let chosen = match latents {
        Choice::Only(chosen) => ascending(chosen),
        Choice::All | Choice::None => latents.among(n_latents),
    };
    if chosen.is_empty() {
        return Err(AnalysisError::Nothing { what: "row of the picture" });
    }
    match chosen.iter().find(|latent| **latent >= n_latents) {
        Some(&latent) => Err(AnalysisError::NoSuchLatent { latent, n_latents }),
        None => Ok(chosen),
    }
}

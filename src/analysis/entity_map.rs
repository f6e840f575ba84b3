//! Entities by words: how much each region of the picture and each word of the question have to do
//! with each other (the paper's Fig. 9), as a matrix.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::{
    Bucket, CaptionField, MapKind, MatrixFigure, MatrixParts, Run, TaggedWord, WordAlignment,
};

use super::{
    AnalysisError, LatentsByRegion, MapRequest, Projector,
    bucket_figure::ranges,
    map_caption::{Read, projection_field},
    region_words::WordBlock,
};

/// What a cell says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityReading {
    /// Attention mass. A large region gathers more.
    Mass,
    /// Mass over the part of the picture that the region covers: what the whole picture would get at
    /// this rate.
    Density,
    /// Mass over that of uniform attention under the same mask, carried back in the same way.
    #[default]
    Lift,
}

impl EntityReading {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Mass, Self::Density, Self::Lift];

    /// One line of what a cell says.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Mass => "mass: attention inside the region; a large region gathers more",
            Self::Density => {
                "density: mass over the part of the picture that the region covers, what the whole \
                 picture would get at this rate"
            }
            Self::Lift => {
                "lift: mass over what uniform attention under the same mask would bring there; 1 says \
                 nothing"
            }
        }
    }
}

impl fmt::Display for EntityReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mass => "mass",
            Self::Density => "density",
            Self::Lift => "lift",
        })
    }
}

/// The rows of a matrix: regions by name, and the part of each latent that comes from each.
#[derive(Clone, Copy, Debug)]
pub struct Entities<'a> {
    /// One name a region.
    pub names: &'a [String],
    /// Parts of latents, by the projector that the matrix is made with.
    pub by_region: &'a LatentsByRegion,
}

/// The columns of a matrix: the question's words, on the prompt's positions.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// The words.
    pub words: &'a [TaggedWord],
    /// Their positions.
    pub alignment: &'a WordAlignment,
}

/// A matrix of regions by words, and which words its columns are.
#[derive(Clone, Debug, PartialEq)]
pub struct EntityMap {
    /// The matrix. Each region has a row; a word without a token of its own has no column.
    pub figure: MatrixFigure,
    /// The word of each column, by its place in the question.
    pub words: Vec<usize>,
}

/// A matrix of regions by words.
///
/// Its cells are those of [`Projector::words`]: *read by* sums over a word's tokens, which is what
/// the word got; *looks at* is the mean over its tokens, which is what it paid. A token over two
/// words counts for the one it covers more of, so that no mass counts twice. Regions that lie over
/// each other each count in full.
///
/// The positions of the request do not matter: all words are columns.
///
/// # Errors
/// As [`Projector::map`]; not one name a region; no word or no region;
/// [`AnalysisError::WrongKind`] for a map that is not of words; more regions or words than a matrix
/// has places.
pub fn entity_map(
    projector: &Projector,
    run: &Run,
    entities: Entities<'_>,
    words: Words<'_>,
    (request, reading): (&MapRequest, EntityReading),
    about: Vec<CaptionField>,
) -> Result<EntityMap, AnalysisError> {
    projector.check(run)?;
    if !matches!(request.kind, MapKind::ReadBy | MapKind::LooksAt) {
        let kind = request.kind.to_string();
        return Err(AnalysisError::WrongKind { what: "a matrix of words", kind });
    }
    let columns = columns(words);
    let positions: Vec<usize> =
        columns.iter().flat_map(|column| column.positions.clone()).collect();
    let request =
        MapRequest { positions, reading: crate::domain::Reading::Mass, ..request.clone() };
    let block = WordBlock::read(run, &request)?;
    let asked = super::block::ascending(&request.positions);
    let Entities { names, by_region } = entities;
    by_region.check(projector)?;
    let is_closed: Vec<bool> = (0..asked.len()).map(|i| block.is_closed(i)).collect();
    let mut values = Vec::with_capacity(by_region.n_regions() * columns.len());
    for region in 0..by_region.n_regions() {
        let covered = by_region.covers(region);
        let of_region = block.in_region(by_region.of_region(region));
        for column in &columns {
            let mut sums = [0.0; 2];
            let mut n_open = 0;
            for position in &column.positions {
                let Ok(i) = asked.binary_search(position) else { continue };
                sums[0] += of_region.mass[i];
                sums[1] += of_region.expected[i];
                n_open += usize::from(!is_closed[i]);
            }
            if request.kind == MapKind::LooksAt {
                sums = sums.map(|sum| sum / column.positions.len() as f64);
            }
            let [mass, expected] = sums;
            values.push(match reading {
                _ if n_open == 0 => None,
                EntityReading::Mass => Some(mass),
                EntityReading::Density => (covered > 0.0).then(|| mass / covered),
                EntityReading::Lift => (expected > 0.0).then(|| mass / expected),
            });
        }
    }
    let is_all_closed = is_closed.iter().all(|closed| *closed);
    let read = Read::of(run, &request)?;
    let chosen = columns.iter().map(|column| column.word).collect();
    let figure = MatrixFigure::new(MatrixParts {
        title: None,
        row_label: "regions".to_owned(),
        column_label: "words of the question".to_owned(),
        rows: names.to_vec(),
        columns: columns.into_iter().map(|column| column.name).collect(),
        values,
        value_label: value_label(request.kind, reading),
        center: (reading == EntityReading::Lift).then_some(1.0),
        caption: caption(run, projector, &request, reading, &read, about),
        notes: notes(run, request.kind, is_all_closed),
    })?;
    Ok(EntityMap { figure, words: chosen })
}

/// A word and the positions that count for it.
struct Column {
    /// By its place in the question.
    word: usize,
    name: String,
    positions: Vec<usize>,
}

/// The words that some position counts for; white space and template are no words.
fn columns(words: Words<'_>) -> Vec<Column> {
    let mut columns: Vec<Column> = words
        .words
        .iter()
        .enumerate()
        .map(|(i, word)| Column { word: i, name: word.text.clone(), positions: vec![] })
        .collect();
    for (position, at) in words.alignment.positions.iter().enumerate() {
        if at.bucket.is_none_or(|bucket| bucket == Bucket::Template) {
            continue;
        }
        let first_largest = at
            .words
            .iter()
            .copied()
            .reduce(|best, share| if share.n_bytes > best.n_bytes { share } else { best });
        if let Some(column) = first_largest.and_then(|share| columns.get_mut(share.word_idx)) {
            column.positions.push(position);
        }
    }
    columns.retain(|column| !column.positions.is_empty());
    columns
}

fn value_label(kind: MapKind, reading: EntityReading) -> String {
    let of = match reading {
        EntityReading::Mass => "attention mass",
        EntityReading::Density => "attention mass per covered part of the picture",
        EntityReading::Lift => "lift over uniform attention",
    };
    format!("{kind}: {of}")
}

fn caption(
    run: &Run,
    projector: &Projector,
    request: &MapRequest,
    reading: EntityReading,
    read: &Read,
    mut fields: Vec<CaptionField>,
) -> Vec<CaptionField> {
    let kind = request.kind;
    let definition = match reading {
        EntityReading::Mass => "mass (softmax weight, a row sums to 1 over all its keys)",
        EntityReading::Density => {
            "density (mass over the part of the picture that a region covers)"
        }
        EntityReading::Lift => {
            "lift (mass over that of uniform attention under the same mask, both carried back to \
             the patches)"
        }
    };
    let over_tokens = match kind {
        MapKind::ReadBy => "sum over a word's tokens, mean over latents",
        _ => "mean over a word's tokens",
    };
    fields.extend([
        CaptionField::new("map", format!("{kind}: {}", kind.meaning())),
        CaptionField::new("attention", run.mode.to_string()),
        CaptionField::new("reading", format!("{definition}; {over_tokens}")),
        CaptionField::new("layers", ranges(&read.layers)),
        CaptionField::new("heads", format!("{} (mean of mass, then divided)", ranges(&read.heads))),
        projection_field(projector),
        CaptionField::new(
            "regions",
            "area-weighted over patches; regions that overlap each count in full",
        ),
    ]);
    fields
}

fn notes(run: &Run, kind: MapKind, is_all_closed: bool) -> Vec<String> {
    let mode = run.mode;
    if is_all_closed {
        return vec![format!(
            "Closed by construction: under the mask of this run ({mode}) nothing here may attend to \
             what was asked for."
        )];
    }
    match kind {
        MapKind::ReadBy => vec!["Read by does not locate things: see looks at.".to_owned()],
        _ => Vec::new(),
    }
}

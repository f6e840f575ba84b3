//! How much attention flows between picture, question, answer and template, layer by layer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{
    AttentionSite, CaptionField, Choice, Curve, CurveFigure, CurveParts, Run, Tower,
};

use super::{
    AnalysisError, Part, Reading,
    block::{Rectangle, chosen_heads, chosen_layers},
    bucket_figure::ranges,
    parts::parts_of,
    sight::Sight,
};

/// What the rows of one part pay to the keys of another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// Whose rows.
    pub from: Part,
    /// Whose keys.
    pub to: Part,
    /// Mean over rows and heads of the mass on all keys together, a layer each.
    pub mass: Vec<f64>,
    /// The same of uniform attention under the same mask.
    pub expected: Vec<f64>,
    /// Whether the mask closes all of it.
    pub by_construction: bool,
}

/// Attention between the parts of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flows {
    /// The decoder layers, ascending.
    pub layers: Vec<usize>,
    /// The heads that are averaged.
    pub heads: Vec<usize>,
    /// The pairs that were recorded whole, in every layer.
    pub flows: Vec<Flow>,
    /// The pairs that were not.
    pub not_recorded: Vec<(Part, Part)>,
}

/// The attention between picture, question, answer and template in each layer.
///
/// The row that chose the first token of the answer belongs to the template in which it stands.
///
/// # Errors
/// A layer or head that was not recorded; a recorded number that is no weight;
/// [`AnalysisError::Nothing`] where no pair was recorded whole.
pub fn flows(run: &Run, layers: &Choice, heads: &Choice) -> Result<Flows, AnalysisError> {
    let layers = chosen_layers(&run.trace, layers)?;
    let heads = chosen_heads(&run.trace, &layers, heads)?;
    let parts = parts_of(run);
    let of_part =
        |part: Part| -> Vec<usize> { (0..parts.len()).filter(|at| parts[*at] == part).collect() };
    let positions: BTreeMap<Part, Vec<usize>> = Part::ALL.map(|part| (part, of_part(part))).into();
    let (mut found, mut not_recorded) = (Vec::new(), Vec::new());
    for from in Part::ALL {
        for to in Part::ALL {
            let (rows, keys) = (&positions[&from], &positions[&to]);
            if rows.is_empty() || keys.is_empty() {
                continue;
            }
            match flow(run, (&layers, &heads), (from, rows), (to, keys)) {
                Ok(flow) => found.push(flow),
                Err(AnalysisError::MissingWeight { .. }) => not_recorded.push((from, to)),
                Err(other) => return Err(other),
            }
        }
    }
    if found.is_empty() {
        return Err(AnalysisError::Nothing { what: "pair of parts recorded whole" });
    }
    Ok(Flows { layers, heads, flows: found, not_recorded })
}

fn flow(
    run: &Run,
    (layers, heads): (&[usize], &[usize]),
    (from, rows): (Part, &[usize]),
    (to, keys): (Part, &[usize]),
) -> Result<Flow, AnalysisError> {
    let [mut of_layers, mut expected] = [Vec::new(), Vec::new()];
    for &layer in layers {
        let site = AttentionSite { tower: Tower::Decoder, layer };
        let sight = Sight::new(&run.plan, layer);
        let [mut mass, mut uniform] = [0.0; 2];
        for &query in rows {
            let seen = sight.row(query);
            uniform += keys.iter().map(|key| seen.uniform(*key)).sum::<f64>();
            // What a row may not attend to is zero, recorded or not; a later token is no key at all.
            let open: Vec<usize> = keys.iter().copied().filter(|key| seen.allows(*key)).collect();
            if open.is_empty() {
                continue;
            }
            let row = [query];
            let rectangle = Rectangle::new(&row, &open);
            let mut weights = vec![0.0; open.len()];
            for &head in heads {
                rectangle.add_head(&run.trace, site, head, &mut weights)?;
            }
            mass += weights.iter().sum::<f64>() / heads.len() as f64;
        }
        of_layers.push(mass / rows.len() as f64);
        expected.push(uniform / rows.len() as f64);
    }
    let by_construction = expected.iter().all(|e| *e == 0.0);
    Ok(Flow { from, to, mass: of_layers, expected, by_construction })
}

impl Flows {
    /// Curves over layers, one a pair that the mask leaves open and whose rows are not the template's:
    /// those lean on the first token in every model, and sixteen curves cannot be read.
    ///
    /// # Errors
    /// [`AnalysisError::WrongKind`] for shares: a row's masses sum to 1 already;
    /// [`AnalysisError::Figure`] where the mask closes every recorded pair.
    pub fn figure(
        &self,
        reading: Reading,
        about: Vec<CaptionField>,
    ) -> Result<CurveFigure, AnalysisError> {
        let value = |flow: &Flow, i: usize| match reading {
            Reading::Lift => flow.mass[i] / flow.expected[i],
            Reading::Mass | Reading::Share => flow.mass[i],
        };
        if reading == Reading::Share {
            let kind = "attention between parts".to_owned();
            return Err(AnalysisError::WrongKind { what: "a share", kind });
        }
        let is_open = |flow: &&Flow| !flow.by_construction && flow.from != Part::Template;
        let curve = |flow: &Flow| {
            let points = (0..self.layers.len()).map(|i| [self.layers[i] as f64, value(flow, i)]);
            // What is not finite is closed in this layer only.
            let points = points.filter(|point| point[1].is_finite());
            Curve::new(format!("{} to {}", flow.from, flow.to), points.collect())
        };
        let names = |pairs: &mut dyn Iterator<Item = (Part, Part)>| {
            pairs.map(|(from, to)| format!("{from} to {to}")).collect::<Vec<_>>().join(", ")
        };
        let mut caption = about;
        caption.extend([
            CaptionField::new(
                "reading",
                match reading {
                    Reading::Lift => {
                        "lift (mass over that of uniform attention under the same mask)"
                    }
                    _ => "mass (softmax weight, a row sums to 1 over all its keys), sum over keys",
                },
            ),
            CaptionField::new("heads", format!("{} (mean)", ranges(&self.heads))),
            CaptionField::new("rows", "mean over the rows of the first-named part"),
        ]);
        let mut notes = Vec::new();
        let closed = self.flows.iter().filter(|flow| flow.by_construction);
        let closed = names(&mut closed.map(|flow| (flow.from, flow.to)));
        if !closed.is_empty() {
            notes.push(format!("Closed by the mask, and so not drawn: {closed}."));
        }
        if self.flows.iter().any(|flow| flow.from == Part::Template) {
            notes.push("Rows of the template are not drawn.".to_owned());
        }
        let missing = names(&mut self.not_recorded.iter().copied());
        if !missing.is_empty() {
            notes.push(format!("Not recorded, and so not drawn: {missing}."));
        }
        Ok(CurveFigure::new(CurveParts {
            title: None,
            x_label: "decoder layer".to_owned(),
            value_label: match reading {
                Reading::Lift => "lift over uniform attention".to_owned(),
                _ => "attention mass".to_owned(),
            },
            value_span: None,
            curves: self.flows.iter().filter(is_open).map(curve).collect(),
            caption,
            notes,
        })?)
    }
}

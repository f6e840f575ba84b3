//! What a folder of exported figures says of itself.

use std::fmt::Write as _;

use super::export_view::ViewExport;
use crate::domain::CaptionField;

/// How a view came about.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewFacts {
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: String,
    /// Model, weights, device, mode, picture, reading, layers, heads, and whatever else was chosen.
    pub fields: Vec<CaptionField>,
    /// The command line that makes it again; or why there is none.
    pub command_line: Result<String, String>,
    /// What that line leaves out.
    pub leaves_out: Vec<String>,
    /// What should be known of the run.
    pub warnings: Vec<String>,
}

/// The text of `README.md`.
pub(super) fn readme(export: &ViewExport) -> String {
    let facts = &export.facts;
    let mut text = format!("# {}\n\n", one_line(&facts.question));
    let answer = one_line(facts.answer.trim());
    line(&mut text, format_args!("Answer: **{}**\n", escaped(&answer)));
    line(&mut text, format_args!("Made by aki-lens {}.\n", env!("CARGO_PKG_VERSION")));
    text.push_str("| what | |\n|---|---|\n");
    for CaptionField { name, value } in &facts.fields {
        line(&mut text, format_args!("| {} | {} |", escaped(name), escaped(&one_line(value))));
    }
    text.push_str("\n## Again, from the command line\n\n");
    match &facts.command_line {
        Ok(command) => line(&mut text, format_args!("```sh\n{command}\n```")),
        Err(why) => line(&mut text, format_args!("There is no such line: {why}.")),
    }
    if !facts.leaves_out.is_empty() {
        line(&mut text, format_args!("\nIt leaves out {}.", facts.leaves_out.join("; ")));
    }
    files(&mut text, export);
    text.push_str(
        "\n## To be careful of\n\n\
         - Attention says where a model looked, not what its answer rests on; a knock-out measures that.\n\
         - Latents have no place in the picture. Maps follow the resampler's own attention back to \
         patches; what stays on latents is \"unplaced\".\n\
         - Log-probabilities are in nats; attention is a part of a row, and a row sums to 1.\n",
    );
    for warning in &facts.warnings {
        line(&mut text, format_args!("- {}", one_line(warning)));
    }
    text
}

/// Every file, and what is written beneath its figure.
fn files(text: &mut String, export: &ViewExport) {
    text.push_str("\n## Files\n\n");
    for drawing in &export.drawings {
        let Ok(drawn) = &drawing.drawn else { continue };
        let names = drawn.formats().iter().map(|format| format!("`{}.{format}`", drawing.stem));
        let names = names.collect::<Vec<_>>().join(", ");
        line(text, format_args!("- {names}: {}", one_line(&drawing.title)));
        for CaptionField { name, value } in drawn.caption() {
            line(text, format_args!("    - {}: {}", one_line(name), one_line(value)));
        }
    }
    text.push_str(
        "- `words.csv`: the question's words; bytes `start` to `end` of the question, what the tagger \
         says, the bucket, and whether a person chose it\n\
         - `answer.csv`: the answer's tokens, with log-probabilities in nats\n",
    );
    let missing = export.drawings.iter().filter_map(|d| Some((&d.title, d.drawn.as_ref().err()?)));
    for (title, why) in missing {
        line(text, format_args!("- not here: {} ({})", one_line(title), one_line(why)));
    }
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // A string takes whatever is written to it.
    writeln!(text, "{line}").ok();
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Within a table's cell and within bold text nothing may end them.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('|', r"\|").replace('*', r"\*")
}

//! Bars by bucket in the window: what was read once of a run, in every choice and with every correction.

use aki_lens::{
    analysis::{BucketSpec, Per, Reading, by_bucket},
    app::{AppState, Command, RunId},
    domain::{Bucket, Choice, Figure, Precision},
};

use crate::{
    app::maps::looking_at,
    maps::{Made, small_run},
};

/// Compares the bars with those of reading this choice alone.
#[track_caller]
fn check(state: &AppState) {
    let id = RunId(0);
    let run = &state.run().unwrap().run;
    let words = state.words(id).unwrap();
    let alignment = &words.as_ref().as_ref().unwrap().alignment;
    let buckets: Vec<Option<Bucket>> = alignment.positions.iter().map(|at| at.bucket).collect();
    let (selection, reading) = (&state.workspace.selection, state.workspace.view.reading);
    let (layers, heads) = (selection.layers.clone(), selection.heads.clone());
    let spec = BucketSpec { layers, heads, ..BucketSpec::default() };
    let read = by_bucket(&run.trace, &run.plan, &run.prompt.layout, &buckets, &spec);
    let bars = state.bars(id).unwrap();
    match (read, bars.as_ref()) {
        (Ok(read), Ok(Figure::Bars(figure))) => {
            let found: Vec<Option<f64>> =
                figure.parts().groups[0].bars.iter().map(|bar| bar.value).collect();
            let shown = read.buckets.iter().filter(|of| of.bucket != Bucket::Template);
            let expected: Vec<Option<f64>> =
                shown.map(|of| of.value(reading, Per::Bucket)).collect();
            assert_eq!(found, expected, "{spec:?}");
        }
        (Err(expected), Err(found)) => assert_eq!(*found, expected.to_string()),
        (read, bars) => panic!("{read:?} is shown as {bars:?}"),
    }
}

#[test]
fn bars_are_those_of_the_chosen_layers_heads_and_corrections_in_every_reading() {
    let mut desk = looking_at(small_run("mma", Made::Random(5), Precision::F32));
    let only = |number| Choice::Only(vec![number]);
    for correction in [None, Some(Bucket::Actions), Some(Bucket::Function), None] {
        desk.send(Command::SetBucket(0, correction));
        for reading in [Reading::Mass, Reading::Share, Reading::Lift] {
            let mut view = desk.state.workspace.view.clone();
            view.reading = reading;
            desk.send(Command::SetView(view));
            for layers in [Choice::All, only(1), Choice::None] {
                for heads in [Choice::All, only(0), only(9)] {
                    let mut selection = desk.state.workspace.selection.clone();
                    (selection.layers, selection.heads) = (layers.clone(), heads);
                    desk.send(Command::Select(selection));
                    check(&desk.state);
                }
            }
        }
    }
}

//! Undo and redo of arranging.

use aki_lens::{
    app::{Command, RunId},
    domain::Bucket,
};

use super::{Desk, region};

#[test]
fn undo_goes_back_over_what_stood_still_and_redo_forward_again() {
    let mut desk = Desk::new();
    desk.open(1);
    desk.ask("cup");
    desk.rest();
    for opacity in [0.5, 0.4, 0.3] {
        desk.set_opacity(opacity);
    }
    desk.rest();
    desk.send(Command::SetBucket(0, Some(Bucket::Actions)));
    desk.rest();
    desk.send(Command::AddRegion(region(2, "left")));
    desk.rest();
    let all = desk.state.workspace.clone();
    assert!(desk.state.can_undo() && !desk.state.can_redo());

    desk.send(Command::Undo);
    assert!(desk.state.regions.is_none());
    desk.send(Command::Undo);
    assert!(desk.state.workspace.edits.is_empty());
    desk.send(Command::Undo);
    // One drag of a slider is one step.
    assert_eq!(desk.state.workspace.view.opacity, 0.85);
    for _ in 0..3 {
        desk.send(Command::Redo);
    }
    assert_eq!(desk.state.workspace, all);
    assert_eq!(desk.state.regions.as_ref().unwrap().set.regions(), [region(2, "left")]);
    assert!(!desk.state.can_redo());

    desk.send(Command::Undo);
    desk.set_opacity(0.1);
    desk.rest();
    desk.send(Command::Redo);
    assert!(desk.state.regions.is_none(), "what was undone is gone once something else was done");
}

#[test]
fn undo_never_takes_a_run_away() {
    let mut desk = Desk::new();
    desk.open(1);
    desk.ask("cup");
    desk.rest();
    desk.ask("pear");
    desk.rest();
    desk.send(Command::Undo);
    assert_eq!(desk.state.workspace.selection.run, Some(RunId(0)));
    assert_eq!(desk.state.runs.len(), 2);
    desk.send(Command::SelectRun(RunId(1)));
    assert_eq!(desk.state.run().unwrap().run.question, "pear");
}

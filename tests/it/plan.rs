//! Attention plans as pictures: `#` may attend, `.` may not.

use std::collections::BTreeSet;

use aki_lens::domain::{
    AttentionMode, AttentionPlan, KnockOut, PlanError, Segment, SequenceLayout,
};

/// Two positions before the picture, four latents, three of the question, one after it.
fn layout() -> SequenceLayout {
    SequenceLayout::new()
        .push(Segment::Prelude, 2)
        .push(Segment::Image, 4)
        .push(Segment::Question, 3)
        .push(Segment::Cue, 1)
}

#[track_caller]
fn check(mode: &str, layout: &SequenceLayout, picture: &str) {
    let plan = AttentionPlan::new(mode.parse().unwrap(), layout).unwrap();
    let expected: Vec<&str> = picture.split_whitespace().collect();
    let drawn = plan.mask.to_string();
    let found: Vec<&str> = drawn.split_whitespace().collect();
    assert_eq!(found, expected, "{mode}:\n{drawn}");
}

#[test]
fn causal_sees_itself_and_what_came_before() {
    let picture = "
        #......... ##........ ###....... ####...... #####.....
        ######.... #######... ########.. #########. ##########";
    check("causal", &layout(), picture);
    check("text_first", &layout(), picture);
    check("sparsity0", &layout(), picture);
}

#[test]
fn mma_opens_the_question_to_the_latents_and_nothing_after_it() {
    let picture = "
        #......... ##........
        ###...###. ####..###. #####.###. #########.
        #######... ########.. #########. ##########";
    check("mma", &layout(), picture);
    check("sparsity100", &layout(), picture);
}

#[test]
fn sparsity_opens_the_first_columns_rounded_up() {
    let one = "
        #......... ##........
        ###...#... ####..#... #####.#... #######...
        #######... ########.. #########. ##########";
    check("sparsity1", &layout(), one);
    check("sparsity33", &layout(), one);
    let two = "
        #......... ##........
        ###...##.. ####..##.. #####.##.. ########..
        #######... ########.. #########. ##########";
    check("sparsity34", &layout(), two);
}

#[test]
fn mixed_opens_the_latents_to_each_other() {
    let picture = "
        #......... ##........
        ######.... ######.... ######.... ######....
        #######... ########.. #########. ##########";
    check("mixed", &layout(), picture);
}

#[test]
fn generalised_opens_every_pair_of_different_modality() {
    let picture = "
        #.####.... ######....
        ###...#### ####..#### #####.#### ##########
        #######... ########.. #########. ##########";
    check("generalised", &layout(), picture);
}

#[test]
fn concentric_rings_change_mask_and_rope_positions() {
    let layout = SequenceLayout::new()
        .push(Segment::Prelude, 1)
        .push(Segment::Image, 9)
        .push(Segment::Question, 2);
    // The ninth-fold square has one ring of eight and a middle, the fifth latent.
    let ring = ".####.####..";
    let picture = format!(
        "#........... {} {} {} {} {} {} {} {} {} {} {}",
        "#####.####..",
        "#####.####..",
        "#####.####..",
        "#####.####..",
        "##########..",
        "#####.####..",
        "#####.####..",
        "#####.####..",
        "#####.####..",
        "###########.",
        "############"
    );
    assert!(ring.len() == 12);
    check("cca", &layout, &picture);
    let plan = AttentionPlan::new(AttentionMode::Concentric, &layout).unwrap();
    assert_eq!(plan.rope_positions, [0, 1, 1, 1, 1, 2, 1, 1, 1, 1, 3, 4]);
    assert_eq!(plan.next_rope_position, 5);
}

#[test]
fn rings_need_a_square_number_of_latents() {
    let layout = SequenceLayout::new().push(Segment::Image, 8).push(Segment::Question, 2);
    let error = AttentionPlan::new(AttentionMode::Concentric, &layout).unwrap_err();
    assert_eq!(error, PlanError::NotSquare { n_latents: 8 });
}

#[test]
fn every_query_of_every_mode_may_attend_to_itself_or_an_earlier_ring() {
    let names =
        ["causal", "mma", "sparsity0", "sparsity50", "generalised", "mixed", "cca", "text_first"];
    for mode in names {
        let plan = AttentionPlan::new(mode.parse().unwrap(), &layout()).unwrap();
        assert!((0..plan.mask.len()).all(|p| plan.mask.allows(p, p)), "{mode}");
    }
}

#[test]
fn mode_names_survive_a_round_trip_and_others_are_refused() {
    for mode in
        ["causal", "mma", "sparsity0", "sparsity100", "generalised", "mixed", "cca", "text_first"]
    {
        assert_eq!(mode.parse::<AttentionMode>().unwrap().to_string(), mode);
    }
    for wrong in ["", "MMA", "sparsity", "sparsity101", "sparsity-1", "sparsity256", "dot"] {
        let error = wrong.parse::<AttentionMode>().unwrap_err();
        assert!(matches!(error, PlanError::UnknownMode { .. }), "{wrong}");
    }
}

fn knock_out(queries: &[usize], keys: &[usize], layers: std::ops::Range<usize>) -> KnockOut {
    KnockOut {
        queries: queries.iter().copied().collect(),
        keys: keys.iter().copied().collect(),
        layers,
    }
}

#[test]
fn a_knock_out_takes_its_rectangle_away_in_its_layers_only() {
    let plan = AttentionPlan::new(AttentionMode::ModalityMutual, &layout()).unwrap();
    let plan = plan.without(knock_out(&[2, 3, 4, 5], &[6, 7], 1..3)).unwrap();
    for layer in 0..4 {
        let mask = plan.mask_of_layer(layer);
        let is_knocked_out = (1..3).contains(&layer);
        assert_eq!(mask.allows(2, 6), !is_knocked_out, "layer {layer}");
        assert!(mask.allows(2, 8) && mask.allows(6, 6), "the rest stays");
    }
}

#[test]
fn a_knock_out_reaches_generated_tokens() {
    let plan = AttentionPlan::new(AttentionMode::Causal, &layout()).unwrap();
    let plan = plan.without(knock_out(&[10, 11], &[2, 3], 0..1)).unwrap();
    assert_eq!(plan.blocked_while_decoding(10, 0), BTreeSet::from([2, 3]));
    assert_eq!(plan.blocked_while_decoding(10, 1), BTreeSet::new());
    assert_eq!(plan.blocked_while_decoding(12, 0), BTreeSet::new());
}

#[test]
fn a_knock_out_that_leaves_a_row_empty_is_refused() {
    let plan = AttentionPlan::new(AttentionMode::Causal, &layout()).unwrap();
    let error = plan.without(knock_out(&[1], &[0, 1], 2..3)).unwrap_err();
    assert_eq!(error, PlanError::NothingLeft { query: 1, layer: 2 });
}

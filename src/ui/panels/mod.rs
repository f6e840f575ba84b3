//! One file a panel; each reads the state and sends commands.

mod batch;
mod batch_bars;
mod batch_head;
mod batch_rows;
mod buckets;
mod compare;
mod difference;
mod entities;
mod examples;
mod heads;
mod knockout;
mod knockout_form;
mod latents;
mod lights;
mod map_controls;
mod map_foot;
mod mask;
mod mass;
mod picture;
mod region_numbers;
mod regions;
mod runs;
mod sessions;
mod sinks;
mod tagger;
mod tool;
mod words;

pub(crate) use self::{
    batch::batch_ui,
    buckets::buckets_ui,
    compare::compare_ui,
    difference::difference_ui,
    entities::{REGION_READINGS, entities_ui, region_reading},
    examples::{example_list, welcome_ui},
    heads::heads_ui,
    knockout::knockout_ui,
    latents::latents_ui,
    map_controls::{COLORMAPS, WAYS_BACK, way_back_name},
    mask::{kinship_badge_ui, mask_ui},
    mass::mass_ui,
    picture::picture_panel_ui,
    regions::{OVERLAPS, regions_ui, tools},
    runs::runs_ui,
    sessions::sessions_ui,
    sinks::sinks_ui,
    tagger::tagger_menu_ui,
    tool::{Tool, draw_with_tool},
    words::words_ui,
};

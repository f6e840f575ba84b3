//! What panels are made of: data in, a response out; none knows the application's state.

mod bars;
mod busy;
mod cell_cursor;
mod chip;
mod colorbar;
mod curves;
mod exact;
mod head_grid;
mod long_list;
mod matrix;
mod menu;
mod patch_field;
mod picture;
mod plan_picture;
mod readout;
mod table;

pub(crate) use self::{
    bars::{BarsLook, bars_ui},
    busy::{busy_ui, empty_ui},
    chip::{Chip, ChipState, chip_ui, visible_text},
    colorbar::colorbar_ui,
    curves::curves_ui,
    exact::exact_ui,
    head_grid::{HeadGrid, head_grid_ui},
    long_list::long_list_ui,
    matrix::matrix_ui,
    menu::menu_with_fields_ui,
    patch_field::PatchField,
    picture::{Layer, PictureView, Placed, picture_ui},
    plan_picture::{plan_image, plan_picture_ui},
    readout::{badge_ui, first_that_fits, logprob_text, note_ui, number, percent, text_width},
    table::{Cell, Column, ROW, SPACE, Sort, header_ui, heads_ui, list_row_ui, row_ui, sort_ui},
};

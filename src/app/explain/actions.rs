//! The steps that a manifest records of how its picture was made (C2PA 2.4, 18.16).

use super::Row;
use super::words::rows;
use super::words::{ASK_STEP, STEP};

rows! {
    Action, "c2pa.created", "The picture was made anew with this step; beside it stands how, as a digital source type.", STEP, ASK_STEP;
    Action, "c2pa.opened", "A picture that was there before was opened; how that one was made stands with it, where it says so.", STEP, ASK_STEP;
    Action, "c2pa.placed", "Another picture was put into this one.", STEP, ASK_STEP;
    Action, "c2pa.removed", "A picture that had been put into this one was taken out.", STEP, ASK_STEP;
    Action, "c2pa.edited", "What the picture shows was edited; how is not said.", STEP, ASK_STEP;
    Action, "c2pa.edited.metadata", "Words about the picture were edited, such as its title or rights. What the picture shows was left as it is.", STEP, ASK_STEP;
    Action, "c2pa.cropped", "A part of the picture was cut out.", STEP, ASK_STEP;
    Action, "c2pa.resized", "The picture was made larger or smaller; its proportions may have changed.", STEP, ASK_STEP;
    Action, "c2pa.resized.proportional", "The picture was made larger or smaller in the same proportions.", STEP, ASK_STEP;
    Action, "c2pa.orientation", "The picture was turned or mirrored.", STEP, ASK_STEP;
    Action, "c2pa.adjustedColor", "Colours or exposure were changed.", STEP, ASK_STEP;
    Action, "c2pa.color_adjustments", "Colours or exposure were changed; the name that older programs write.", STEP, ASK_STEP;
    Action, "c2pa.filtered", "A filter or a style was put on the picture.", STEP, ASK_STEP;
    Action, "c2pa.enhanced", "Noise, sharpness or the like was bettered; C2PA counts this as leaving what the picture shows.", STEP, ASK_STEP;
    Action, "c2pa.drawing", "Somebody drew into the picture.", STEP, ASK_STEP;
    Action, "c2pa.addedText", "Text was put into the picture.", STEP, ASK_STEP;
    Action, "c2pa.redacted", "Statements of an earlier manifest were taken out.", STEP, ASK_STEP;
    Action, "c2pa.converted", "The picture was written in another format.", STEP, ASK_STEP;
    Action, "c2pa.transcoded", "The picture was coded anew: other bytes of the same picture.", STEP, ASK_STEP;
    Action, "c2pa.repackaged", "The same coded picture was put into another container.", STEP, ASK_STEP;
    Action, "c2pa.published", "The picture was given out, for others to see.", STEP, ASK_STEP;
    Action, "c2pa.watermarked", "A watermark was put into the picture, seen or unseen.", STEP, ASK_STEP;
    Action, "c2pa.watermarked.bound", "A watermark was put into the picture by which its credentials can be found again.", STEP, ASK_STEP;
    Action, "c2pa.watermarked.unbound", "A watermark was put into the picture that leads to no credentials.", STEP, ASK_STEP;
    Action, "c2pa.unknown", "Something was done that the program could not name.", STEP, ASK_STEP;
}

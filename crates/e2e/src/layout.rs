//! Whether a page can be used where there is little room: nothing sticks out, everything can be reached and touched.

use crate::person::Person;
use anyhow::{Result, ensure};
use serde::Deserialize;
use serde_json::json;

/// The least width and height of what a finger shall hit, in CSS pixels (WCAG 2.2, 2.5.5).
const TOUCH: f64 = 44.0;

/// A control as it lies on the page.
#[derive(Debug, Deserialize)]
struct Control {
    what: String,
    /// Of the area that answers to a touch: the control's own, or its label's.
    width: f64,
    height: f64,
    /// Whether it is in the window, after scrolling to it.
    reachable: bool,
}

/// Every control that is shown; those of a dialog or a menu alone, if one is open. A hand that moves brings back what
/// hides by itself.
const CONTROLS: &str = "(async () => {
    dispatchEvent(new PointerEvent('pointermove'));
    for (let frames = 0; frames < 3; frames++) await new Promise((wake) => requestAnimationFrame(wake));
    const root = document.querySelector('dialog[open]') ?? document.querySelector('[role=menu]') ?? document;
    const all = root.querySelectorAll('button, select, input, textarea, a[href], summary, [role=button], [role=menuitem]');
    const shown = [...all].filter((element) => element.checkVisibility({ visibilityProperty: true }));
    return shown.map((element) => {
        element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
        const rect = element.getBoundingClientRect();
        let { left, right, top, bottom } = rect;
        for (const label of element.labels ?? []) {
            const box = label.getBoundingClientRect();
            [left, right] = [Math.min(left, box.left), Math.max(right, box.right)];
            [top, bottom] = [Math.min(top, box.top), Math.max(bottom, box.bottom)];
        }
        // What is drawn around a small sign may answer as well: ask at the edges of 44 pixels around its middle.
        const [x, y] = [rect.left + rect.width / 2, rect.top + rect.height / 2];
        const hit = (dx, dy) => {
            const at = document.elementFromPoint(x + dx, y + dy);
            return at !== null && (element.contains(at) || [...(element.labels ?? [])].some((label) => label.contains(at)));
        };
        const width = hit(-21.5, 0) && hit(21.5, 0) ? Math.max(44, right - left) : right - left;
        const height = hit(0, -21.5) && hit(0, 21.5) ? Math.max(44, bottom - top) : bottom - top;
        const inside = rect.left >= -0.5 && rect.right <= innerWidth + 0.5 && rect.top >= -0.5 && rect.bottom <= innerHeight + 0.5;
        return {
            what: element.outerHTML.slice(0, 160),
            width, height,
            reachable: inside && hit(0, 0),
        };
    });
})()";

impl Person {
    /// Shows the page in so many CSS pixels (Chromium). Half of them is what a zoom of 200 % leaves. A phone
    /// has twice as many pixels, and is touched.
    pub async fn window(&self, width: u32, height: u32, phone: bool) -> Result<()> {
        let pixels = if phone { 2 } else { 1 };
        self.command(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": pixels, "mobile": phone }),
        )
        .await?;
        // Fingers: what the page asks with `pointer: coarse`.
        self.command("Emulation.setTouchEmulationEnabled", json!({ "enabled": phone })).await?;
        Ok(())
    }

    /// Nothing makes the page scroll sideways, and each control can be brought into the window, with nothing over it.
    pub async fn reaches_everything(&self, page: &str) -> Result<()> {
        let (inside, outside): (f64, f64) =
            self.evaluate("[document.documentElement.scrollWidth, innerWidth]").await?;
        ensure!(inside <= outside, "{page}: {inside} pixels wide in a window of {outside}");
        let controls: Vec<Control> = self.evaluate(CONTROLS).await?;
        ensure!(!controls.is_empty(), "{page}: no controls at all");
        let lost: Vec<_> =
            controls.iter().filter(|control| !control.reachable).map(|control| &control.what).collect();
        ensure!(lost.is_empty(), "{page}: out of reach: {lost:#?}");
        Ok(())
    }

    /// Each control is large enough for a finger.
    pub async fn touches_everything(&self, page: &str) -> Result<()> {
        let controls: Vec<Control> = self.evaluate(CONTROLS).await?;
        // Half a pixel: sizes are rounded.
        let small: Vec<_> = controls
            .iter()
            .filter(|control| control.width < TOUCH - 0.5 || control.height < TOUCH - 0.5)
            .map(|control| format!("{}×{}: {}", control.width, control.height, control.what))
            .collect();
        ensure!(small.is_empty(), "{page}: too small for a finger: {small:#?}");
        Ok(())
    }

    /// Nothing moves, but for pictures of people.
    pub async fn is_still(&self, page: &str) -> Result<()> {
        let moving: Vec<String> = self
            .evaluate(
                "document.getAnimations().filter((animation) => animation.playState === 'running'
                    && animation.effect.getComputedTiming().activeDuration > 0)
                    .map((animation) => (animation.animationName ?? animation.transitionProperty) + ': '
                        + animation.effect.target.outerHTML.slice(0, 120))",
            )
            .await?;
        ensure!(moving.is_empty(), "{page}: moves though the person asked for stillness: {moving:#?}");
        Ok(())
    }
}

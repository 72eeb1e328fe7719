//! A person without a mouse.

use crate::person::Person;
use anyhow::{Result, bail, ensure};
use serde::Deserialize;
use thirtyfour::Key;

/// What has the focus.
#[derive(Clone, Debug, Deserialize)]
pub struct Focused {
    /// Its `data-testid`.
    pub hook: String,
    /// Its tag, in capitals.
    pub tag: String,
    /// What it is called.
    pub name: String,
    /// Whether the browser says that the focus should be seen.
    pub focus_visible: bool,
    /// Whether something is drawn around it.
    pub outlined: bool,
    /// Whether it is seen: inside the window, with nothing over it.
    pub uncovered: bool,
    /// Whether Tab leads to it.
    pub tabbable: bool,
    /// Whether the keyboard is in the page, and not in the browser around it.
    pub in_page: bool,
}

/// Looks at what has the focus. A control may have no size of its own: then its label is what one sees.
const FOCUSED: &str = "(() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const top = document.elementFromPoint(x, y);
    return {
        hook: element.dataset.testid ?? '',
        tag: element.tagName,
        name: element.ariaLabel ?? element.innerText ?? '',
        focus_visible: element.matches(':focus-visible'),
        outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        uncovered: box.width > 0 && box.height > 0 && top !== null && (element.contains(top) || top.contains(element)),
        tabbable: element.tabIndex >= 0,
        in_page: document.hasFocus(),
    };
})()";

impl Person {
    /// Presses keys one after the other, on whatever has the focus.
    pub async fn press(&self, keys: impl Into<thirtyfour::TypingData>) -> Result<()> {
        self.browser.driver.action_chain().send_keys(keys.into()).perform().await?;
        Ok(())
    }

    /// Presses a key and holds it down.
    pub async fn hold(&self, key: char) -> Result<()> {
        self.browser.driver.action_chain().key_down(key).perform().await?;
        Ok(())
    }

    /// Lets it go.
    pub async fn let_go(&self, key: char) -> Result<()> {
        self.browser.driver.action_chain().key_up(key).perform().await?;
        Ok(())
    }

    /// What has the focus.
    pub async fn focused(&self) -> Result<Focused> {
        self.evaluate(FOCUSED).await
    }

    /// Goes on with Tab until this element has the focus. On the way, everything that has it must show it.
    pub async fn tab_to(&self, hook: &str) -> Result<Focused> {
        self.go_to(hook, async || self.press(Key::Tab).await).await
    }

    /// The same, backwards.
    pub async fn tab_back_to(&self, hook: &str) -> Result<Focused> {
        let back = async || {
            let keys = self
                .browser
                .driver
                .action_chain()
                .key_down(Key::Shift)
                .send_keys(Key::Tab)
                .key_up(Key::Shift);
            Ok(keys.perform().await?)
        };
        self.go_to(hook, back).await
    }

    async fn go_to(&self, hook: &str, step: impl AsyncFn() -> Result<()>) -> Result<Focused> {
        let mut way = Vec::new();
        for _ in 0..40 {
            step().await?;
            let focused = self.focused().await?;
            // Between the last control and the first one is the browser itself. Firefox' page still names an element then.
            if !focused.in_page {
                way.push("the browser".to_owned());
                continue;
            }
            if focused.tag != "BODY" {
                ensure!(
                    focused.focus_visible && focused.outlined,
                    "{}: the focus on {focused:?} is not seen",
                    self.name
                );
                ensure!(focused.uncovered, "{}: something lies over {focused:?}", self.name);
                ensure!(
                    !focused.name.trim().is_empty() || focused.tag == "INPUT" || focused.tag == "SELECT",
                    "{focused:?}"
                );
            }
            if focused.hook == hook {
                return Ok(focused);
            }
            way.push(if focused.hook.is_empty() { focused.tag } else { focused.hook });
        }
        bail!("{}: Tab does not lead to {hook}, but to {way:?}", self.name)
    }
}

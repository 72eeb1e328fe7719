//! Things on a page by role and name, as the browser computes both for screen readers (WebDriver 2, 12.4.8 and 12.4.9).
//!
//! While a dialog is open, nothing outside of it is there.

use crate::person::Person;
use anyhow::{Result, bail};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use thirtyfour::common::command::{Command, ExtensionCommand};
use thirtyfour::extensions::query::ElementQueryable;
use thirtyfour::prelude::*;

/// What may have a role: few enough to ask each.
fn candidates(role: &str) -> Result<&'static str> {
    Ok(match role {
        "button" => "button",
        "switch" => "[role=switch]",
        "radio" => "input[type=radio]",
        "combobox" => "select",
        "textbox" => "input[type=text]",
        "link" => "a[href]",
        "menuitem" => "[role=menuitem]",
        "menuitemradio" => "[role=menuitemradio]",
        "group" => "[role=group]",
        "heading" => "h1, h2",
        "image" => "[role=img]",
        _ => bail!("no test has asked for a {role} so far: say in roles.rs where to look for one"),
    })
}

impl Person {
    /// The first visible thing of this role whose name contains `name`, if there is one now.
    pub async fn look_for(&self, role: &str, name: &str) -> Result<Option<WebElement>> {
        Ok(self.find(role, name).await?.filter(|(_, visible)| *visible).map(|(element, _)| element))
    }

    /// The same, and whether it is visible: if all are out of the way, the last of them.
    async fn find(&self, role: &str, name: &str) -> Result<Option<(WebElement, bool)>> {
        let driver = &self.browser.driver;
        let open = driver.query(By::Css("dialog[open]")).nowait().all_from_selector().await?;
        let within = if open.is_empty() { "" } else { "dialog[open] " };
        let selector: Vec<_> = candidates(role)?.split(", ").map(|part| format!("{within}{part}")).collect();
        let mut hidden = None;
        for element in driver.find_all(By::Css(selector.join(", "))).await? {
            // One that has gone meanwhile is none.
            let Ok(label) = computed(driver, &element, "computedlabel").await else { continue };
            if !label.contains(name) {
                continue;
            }
            let Ok(actual) = computed(driver, &element, "computedrole").await else { continue };
            // Chromium's names for some roles are WAI-ARIA 1.2's, Firefox's 1.3's.
            if actual != role && !(role == "image" && actual == "img") {
                continue;
            }
            if element.is_displayed().await.unwrap_or(false) {
                return Ok(Some((element, true)));
            }
            hidden = Some((element, false));
        }
        Ok(hidden)
    }

    /// Waits for it.
    pub async fn see(&self, role: &str, name: &str) -> Result<WebElement> {
        self.until(&format!("the {role} “{name}”"), async || match self.find(role, name).await? {
            Some((element, true)) => Ok(Some(element)),
            Some((element, false)) => {
                // The bar of a call is there for who touches anything, and stays as long as the keyboard is in it. What is
                // gone meanwhile is found anew.
                self.stir().await?;
                let _ = element.focus().await;
                Ok(None)
            }
            None => Ok(None),
        })
        .await
    }

    /// Clicks on it.
    pub async fn click_on(&self, role: &str, name: &str) -> Result<()> {
        self.until(&format!("a click on the {role} “{name}”"), async || {
            if self.see(role, name).await?.click().await.is_ok() {
                return Ok(Some(()));
            }
            // It was drawn anew before the click, or is about to hide.
            self.stir().await?;
            Ok(None)
        })
        .await
    }
}

/// What the browser computes of an element: `computedrole`, `computedlabel`.
async fn computed(driver: &WebDriver, element: &WebElement, what: &str) -> WebDriverResult<String> {
    let endpoint = format!("/element/{}/{what}", element.element_id());
    let command = Extension { method: Method::GET, endpoint, parameters: None };
    driver.handle().cmd(Command::ExtensionCommand(Box::new(command))).await?.value::<String>()
}

impl Person {
    /// In the browser's own settings, allows the page something: `camera`, `microphone` (Permissions, 8.1; Chromium).
    pub async fn allow(&self, name: &str) -> Result<()> {
        let parameters = Some(json!({ "descriptor": { "name": name }, "state": "granted" }));
        let command = Extension { method: Method::POST, endpoint: "/permissions".to_owned(), parameters };
        self.browser.driver.handle().cmd(Command::ExtensionCommand(Box::new(command))).await?;
        Ok(())
    }
}

/// A command of WebDriver that `thirtyfour` does not know.
#[derive(Debug)]
struct Extension {
    method: Method,
    endpoint: String,
    parameters: Option<Value>,
}

impl ExtensionCommand for Extension {
    fn parameters_json(&self) -> Option<Value> {
        self.parameters.clone()
    }

    fn method(&self) -> Method {
        self.method.clone()
    }

    fn endpoint(&self) -> Arc<str> {
        self.endpoint.as_str().into()
    }
}

//! What those get of a page who do not see it, or see it otherwise: judged by axe-core, and read from the tree that
//! Chromium gives to screen readers.

use crate::person::Person;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

/// How a page is to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Light on dark.
    Dark,
    /// Dark on light.
    Light,
}

/// A rule that the page breaks.
#[derive(Debug, Deserialize)]
struct Violation {
    id: String,
    help: String,
    nodes: Vec<Breach>,
}

/// Where it is broken, and how.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Breach {
    html: String,
    failure_summary: String,
}

/// A node of Chromium's accessibility tree.
#[derive(Clone, Debug)]
pub struct Node {
    /// WAI-ARIA's role, or Chromium's where there is none.
    pub role: String,
    /// The accessible name.
    pub name: String,
    /// A heading's level.
    pub level: Option<u64>,
    /// `polite` or `assertive`, if what comes into it is said aloud.
    pub live: String,
}

/// The roles of what one can do something with.
const CONTROLS: [&str; 13] = [
    "button",
    "checkbox",
    "combobox",
    "link",
    "listbox",
    "menuitem",
    "menuitemcheckbox",
    "radio",
    "searchbox",
    "slider",
    "switch",
    "tab",
    "textbox",
];

impl Person {
    /// Shows pages in this scheme from now on, and with reduced motion or not (Chromium).
    pub async fn prefers(&self, scheme: Scheme, reduced_motion: bool) -> Result<()> {
        let scheme = if scheme == Scheme::Dark { "dark" } else { "light" };
        let motion = if reduced_motion { "reduce" } else { "no-preference" };
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": motion },
        ]);
        self.command("Emulation.setEmulatedMedia", json!({ "features": features })).await?;
        Ok(())
    }

    /// A command of the Chrome DevTools Protocol.
    pub async fn command(&self, method: &str, parameters: Value) -> Result<Value> {
        let cdp = self.browser.driver.cdp();
        cdp.send_raw(method, parameters).await.with_context(|| format!("{}: {method}", self.name))
    }

    /// Fails if the page that is shown breaks a rule of axe-core, WCAG's or a good practice, dark or light.
    pub async fn passes_axe(&self, page: &str) -> Result<()> {
        let known: bool = self.evaluate("'axe' in window").await?;
        if !known {
            let file = crate::target_directory().join("tools/npm/node_modules/axe-core/axe.min.js");
            let source = std::fs::read_to_string(&file)
                .with_context(|| format!("{}: `cargo xtask setup` installs it", file.display()))?;
            self.browser.driver.execute(source, Vec::new()).await?;
        }
        for scheme in [Scheme::Dark, Scheme::Light] {
            // Colours that are still on their way from one scheme to the other are neither's.
            self.prefers(scheme, true).await?;
            let (violations, kept): (Vec<Violation>, usize) = self
                .evaluate(
                    "axe.run(document, { resultTypes: ['violations'] })
                        .then((all) => [all.violations, all.passes.length])",
                )
                .await?;
            ensure!(kept >= 10, "{page}: axe-core looked at {kept} rules only");
            let said: Vec<String> = violations
                .iter()
                .flat_map(|rule| rule.nodes.iter().map(move |node| (rule, node)))
                .map(|(rule, node)| {
                    format!("{} ({}): {}\n  {}", rule.id, rule.help, node.html, node.failure_summary)
                })
                .collect();
            ensure!(said.is_empty(), "{page}, {scheme:?}: axe-core finds\n{}", said.join("\n"));
        }
        Ok(())
    }

    /// What Chromium tells screen readers of the page, in its order; what is hidden from them is left out.
    pub async fn accessibility_tree(&self) -> Result<Vec<Node>> {
        let tree = self.command("Accessibility.getFullAXTree", json!({})).await?;
        let nodes = tree.get("nodes").and_then(Value::as_array).context("a list of nodes")?;
        let shown = nodes.iter().filter(|node| node.get("ignored") != Some(&Value::Bool(true)));
        Ok(shown
            .map(|node| {
                let text = |path| node.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
                let property = |name: &str| {
                    let list = node.get("properties").and_then(Value::as_array)?;
                    list.iter()
                        .find(|property| property.get("name").and_then(Value::as_str) == Some(name))?
                        .pointer("/value/value")
                };
                Node {
                    role: text("/role/value"),
                    name: text("/name/value"),
                    level: property("level").and_then(Value::as_u64),
                    live: property("live").and_then(Value::as_str).unwrap_or_default().to_owned(),
                }
            })
            .collect())
    }
}

/// What must hold of every page: each control has a name, there is one main part, pictures have words, headings begin
/// with the first level and leave none out, and there is a place from which news are said.
pub fn is_sound(page: &str, tree: &[Node]) -> Result<()> {
    for node in tree {
        let needs_name = CONTROLS.contains(&node.role.as_str())
            || ["dialog", "image", "img", "navigation", "meter"].contains(&node.role.as_str());
        ensure!(
            !needs_name || !node.name.trim().is_empty(),
            "{page}: a {} has no name: {tree:#?}",
            node.role
        );
    }
    // Behind an open dialog there is nothing.
    let is_dialog = tree.iter().any(|node| node.role == "dialog");
    let count = |role| tree.iter().filter(|node| node.role == role).count();
    ensure!(is_dialog || count("main") == 1, "{page}: {} main parts: {tree:#?}", count("main"));
    let mut before = 0;
    for level in tree.iter().filter(|node| node.role == "heading").filter_map(|node| node.level) {
        ensure!(level <= before + 1, "{page}: a heading of level {level} follows one of level {before}");
        before = level;
    }
    ensure!(before > 0, "{page} has no heading: {tree:#?}");
    Ok(())
}

//! The little of WebDriver BiDi that tests need: a script that runs in each page before the page's own, and what
//! browsers write to their console.

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

type Waiting = Arc<Mutex<HashMap<u64, oneshot::Sender<Value>>>>;

/// A BiDi connection to one browser.
pub struct BiDi {
    requests: mpsc::Sender<Message>,
    waiting: Waiting,
    next: std::sync::atomic::AtomicU64,
    console: Arc<Mutex<Vec<ConsoleLine>>>,
}

/// A line of a browser's console.
#[derive(Clone, Debug)]
pub struct ConsoleLine {
    /// `debug`, `info`, `warn`, `error`.
    pub level: String,
    /// What it says.
    pub text: String,
}

impl BiDi {
    /// Connects to the address that the driver gave for the session, and collects console lines from then on.
    pub async fn connect(url: &str) -> Result<Self> {
        let (socket, _) = connect_async(url).await.with_context(|| format!("connecting to {url}"))?;
        let (mut sink, mut stream) = socket.split();
        let (requests, mut outgoing) = mpsc::channel::<Message>(16);
        let waiting = Waiting::default();
        let console = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(async move {
            while let Some(message) = outgoing.recv().await {
                if sink.send(message).await.is_err() {
                    break;
                }
            }
        });
        let (answers, lines) = (waiting.clone(), console.clone());
        tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                let Message::Text(text) = message else { continue };
                let Ok(message) = serde_json::from_str::<Value>(&text) else { continue };
                if let Some(id) = message.get("id").and_then(Value::as_u64) {
                    let answer = answers.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
                    if let Some(answer) = answer {
                        let _ = answer.send(message);
                    }
                } else if message.get("method").and_then(Value::as_str) == Some("log.entryAdded") {
                    let of =
                        |key| message.pointer(key).and_then(Value::as_str).unwrap_or_default().to_owned();
                    let line = ConsoleLine { level: of("/params/level"), text: of("/params/text") };
                    lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                }
            }
        });
        let bidi = Self { requests, waiting, next: 1.into(), console };
        bidi.command("session.subscribe", json!({"events": ["log.entryAdded"]})).await?;
        Ok(bidi)
    }

    /// Runs the JavaScript function `declaration` in each page before anything of the page.
    pub async fn add_preload_script(&self, declaration: &str) -> Result<()> {
        self.command("script.addPreloadScript", json!({"functionDeclaration": declaration})).await?;
        Ok(())
    }

    /// Sets what an origin may do.
    pub async fn set_permission(&self, name: &str, state: &str, origin: &str) -> Result<()> {
        let parameters = json!({ "descriptor": { "name": name }, "state": state, "origin": origin });
        self.command("permissions.setPermission", parameters).await?;
        Ok(())
    }

    /// The console's lines so far.
    pub fn console(&self) -> Vec<ConsoleLine> {
        self.console.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn command(&self, method: &str, parameters: Value) -> Result<Value> {
        let id = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let (sender, answer) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(id, sender);
        let request = json!({"id": id, "method": method, "params": parameters}).to_string();
        self.requests.send(Message::text(request)).await.ok().context("the BiDi connection has ended")?;
        let mut answer = answer.await.context("the BiDi connection has ended")?;
        if answer.get("type").and_then(Value::as_str) != Some("success") {
            bail!("{method}: {answer}");
        }
        Ok(answer.get_mut("result").map(Value::take).unwrap_or_default())
    }
}

//! A small layer over the DOM: elements that are made once, and what about them follows the page's state.
//!
//! Nothing here knows what it shows. Whoever changes state calls [`changed`]; a moment later every binding of the page
//! is read again, and the DOM is touched where the answer is another one. There is little state and it changes a few
//! times a second at most, so reading all of it is cheaper than keeping account of who reads what.
//!
//! An [`Element`] owns its bindings, its event handlers and, through bindings, the parts that come and go inside of it.
//! When a part goes, all of that is dropped with it.
//!
//! No function does work in generic code, and no text is ever parsed as HTML: the page's Content-Security-Policy
//! forbids that.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget, Node};

/// Words that are fixed or put together.
pub(crate) type Text = Cow<'static, str>;

/// Tells the parts of a list apart: a peer's 128 bits, a place in a row, or the number of an alternative.
pub(crate) type Key = u128;

/// Read again at every change.
type Binding = Box<dyn Do>;

/// Makes the whole page in a body.
pub(crate) type Maker = Box<dyn Fn(Element) -> Element>;

/// A closure that is asked for something. `Box<dyn Fn>` can also be called as `FnMut` and `FnOnce`, and has code for each
/// of the three: this has it once, which is 1 KB less of the page, and 3 KB less of what is late.
trait Ask<A, T> {
    fn ask(&self, about: A) -> T;
}

impl<A, T, F: Fn(A) -> T> Ask<A, T> for F {
    fn ask(&self, about: A) -> T {
        self(about)
    }
}

/// The same, for what is done again and again.
trait Do {
    fn again(&mut self);
}

impl<F: FnMut()> Do for F {
    fn again(&mut self) {
        self();
    }
}

thread_local! {
    /// The page, and what makes it.
    static PAGE: RefCell<Option<(Element, Maker)>> = const { RefCell::new(None) };
    /// Whether a change waits to be shown.
    static WAITS: Cell<bool> = const { Cell::new(false) };
}

#[wasm_bindgen]
extern "C" {
    // Without `Result`: they fail for names that are none, and ours are fixed.
    #[wasm_bindgen(js_namespace = document, js_name = createElement)]
    fn create_element(name: &str) -> web_sys::Element;
    #[wasm_bindgen(js_namespace = document, js_name = createElementNS)]
    fn create_element_in(namespace: &str, name: &str) -> web_sys::Element;
    #[wasm_bindgen(js_namespace = document, js_name = createTextNode)]
    fn create_text(text: &str) -> Node;
}

/// Shows a page as the document's body, as long as the tab lives. Called again, makes that page anew from the state, for
/// words in another language. Not to be called by what belongs to the page.
pub(crate) fn show(page: impl FnOnce() -> Maker) {
    let make = match PAGE.take() {
        // The old one lets go of everything first.
        Some((old, make)) => {
            drop(old);
            make
        }
        None => page(),
    };
    let page = make(el("body"));
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        document.set_body(page.node.dyn_ref());
    }
    PAGE.set(Some((page, make)));
}

/// State has changed. The page follows once the code that runs now is done; several changes are followed together.
pub(crate) fn changed() {
    if !WAITS.replace(true) {
        wasm_bindgen_futures::spawn_local(async {
            WAITS.set(false);
            PAGE.with(|page| {
                if let Some((page, _)) = &mut *page.borrow_mut() {
                    page.follow_state();
                }
            });
        });
    }
}

/// An HTML element.
pub(crate) fn el(name: &str) -> Element {
    Element::of(create_element(name))
}

/// An SVG element.
pub(crate) fn svg(name: &str) -> Element {
    Element::of(create_element_in("http://www.w3.org/2000/svg", name))
}

/// A button that does something.
pub(crate) fn button(class: &str, act: impl Fn() + 'static) -> Element {
    el("button").attribute("type", "button").class(class).on("click", move |_| act())
}

/// What was entered or chosen in the element that the event is about.
pub(crate) fn entered(event: &Event) -> String {
    let value = event.target().and_then(|target| js_sys::Reflect::get(&target, &"value".into()).ok());
    value.and_then(|value| value.as_string()).unwrap_or_default()
}

/// An element with everything that belongs to it. Dropped, it follows nothing and hears nothing any more.
pub(crate) struct Element {
    node: web_sys::Element,
    bindings: Vec<Binding>,
    handlers: Vec<Handler>,
}

impl Element {
    /// The classes that never change.
    pub(crate) fn class(self, names: &str) -> Self {
        self.attribute("class", names)
    }

    /// An attribute that never changes.
    pub(crate) fn attribute(self, name: &str, value: &str) -> Self {
        // Fails for names that are none.
        let _ = self.node.set_attribute(name, value);
        self
    }

    /// A property's first value.
    pub(crate) fn property(self, name: &str, value: &JsValue) -> Self {
        let _ = js_sys::Reflect::set(&self.node, &name.into(), value);
        self
    }

    /// Text that never changes, behind what is there.
    pub(crate) fn text(self, text: &str) -> Self {
        self.append(&create_text(text));
        self
    }

    /// An element, behind what is there.
    pub(crate) fn child(mut self, child: Self) -> Self {
        self.append(&child.node);
        self.bindings.extend(child.bindings);
        self.handlers.extend(child.handlers);
        self
    }

    /// A class that comes and goes.
    pub(crate) fn class_if(mut self, name: &'static str, holds: impl Fn() -> bool + 'static) -> Self {
        self.bind_class(name, Box::new(move |()| holds()));
        self
    }

    /// An attribute that follows the state. Without a value the attribute is absent.
    pub(crate) fn attribute_of<T: Into<Text>>(
        mut self,
        name: &'static str,
        value: impl Fn() -> T + 'static,
    ) -> Self {
        self.bind_attribute(name, Box::new(move |()| value().into()));
        self
    }

    /// Text that follows the state, behind what is there.
    pub(crate) fn text_of<T: Into<Text>>(mut self, text: impl Fn() -> T + 'static) -> Self {
        self.bind_text(Box::new(move |()| text().into()));
        self
    }

    /// Does something with the element now and after every change of state.
    pub(crate) fn follow(mut self, mut work: impl FnMut(&web_sys::Element) + 'static) -> Self {
        let node = self.node.clone();
        self.bind(Box::new(move || work(&node)));
        self
    }

    /// Hears an event.
    pub(crate) fn on(mut self, event: &'static str, handle: impl FnMut(Event) + 'static) -> Self {
        self.listen(event, Box::new(handle));
        self
    }

    /// A part that is there as long as something holds.
    pub(crate) fn when(
        mut self,
        holds: impl Fn() -> bool + 'static,
        make: impl Fn() -> Self + 'static,
    ) -> Self {
        self.bind_when(Box::new(move |()| holds()), Box::new(move |_| make()));
        self
    }

    /// One of several parts; made anew when another one is due.
    pub(crate) fn choose(
        mut self,
        which: impl Fn() -> Key + 'static,
        make: impl Fn(Key) -> Self + 'static,
    ) -> Self {
        self.bind_row(Box::new(move |()| vec![which()]), Box::new(make));
        self
    }

    /// Parts in a row. A part stays the same element as long as its key is in the row. Keys must differ.
    pub(crate) fn keyed(
        mut self,
        keys: impl Fn() -> Vec<Key> + 'static,
        make: impl Fn(Key) -> Self + 'static,
    ) -> Self {
        self.bind_row(Box::new(move |()| keys()), Box::new(make));
        self
    }

    fn of(node: web_sys::Element) -> Self {
        Self { node, bindings: Vec::new(), handlers: Vec::new() }
    }

    fn follow_state(&mut self) {
        for binding in &mut self.bindings {
            binding.again();
        }
    }

    fn append(&self, node: &Node) {
        // Fails for nodes that contain this one.
        let _ = self.node.append_child(node);
    }

    fn bind(&mut self, mut binding: Binding) {
        binding.again();
        self.bindings.push(binding);
    }

    fn bind_class(&mut self, name: &'static str, holds: Box<dyn Ask<(), bool>>) {
        let classes = self.node.class_list();
        let mut shown = false;
        self.bind(Box::new(move || {
            let holds = holds.ask(());
            if holds != shown {
                let _ = classes.toggle_with_force(name, holds);
                shown = holds;
            }
        }));
    }

    fn bind_attribute(&mut self, name: &'static str, value: Box<dyn Ask<(), Text>>) {
        let node = self.node.clone();
        let mut shown = Text::Borrowed("");
        self.bind(Box::new(move || {
            let value = value.ask(());
            if value != shown {
                let _ = if value.is_empty() {
                    node.remove_attribute(name)
                } else {
                    node.set_attribute(name, &value)
                };
                shown = value;
            }
        }));
    }

    fn bind_text(&mut self, text: Box<dyn Ask<(), Text>>) {
        let node = create_text("");
        self.append(&node);
        let mut shown = Text::Borrowed("");
        self.bind(Box::new(move || {
            let text = text.ask(());
            if text != shown {
                node.set_text_content(Some(&text));
                shown = text;
            }
        }));
    }

    fn bind_when(&mut self, holds: Box<dyn Ask<(), bool>>, make: Box<dyn Ask<Key, Self>>) {
        self.bind_row(Box::new(move |()| if holds.ask(()) { vec![0] } else { Vec::new() }), make);
    }

    fn bind_row(&mut self, keys: Box<dyn Ask<(), Vec<Key>>>, make: Box<dyn Ask<Key, Self>>) {
        // An empty text after the row: what comes in goes before it.
        let end = create_text("");
        self.append(&end);
        let parent = self.node.clone();
        let mut row: Vec<(Key, Self)> = Vec::new();
        self.bind(Box::new(move || {
            let keys = keys.ask(());
            row.retain(|(key, part)| {
                let stays = keys.contains(key);
                if !stays {
                    part.node.remove();
                }
                stays
            });
            for (place, key) in keys.into_iter().enumerate() {
                // Everything before `place` is right already.
                let part = match row.iter().skip(place).position(|(other, _)| *other == key) {
                    Some(0) => {
                        if let Some((_, part)) = row.get_mut(place) {
                            part.follow_state();
                        }
                        continue;
                    }
                    Some(further) => {
                        let (_, mut part) = row.remove(place + further);
                        part.follow_state();
                        part
                    }
                    None => make.ask(key),
                };
                let next: &Node = row.get(place).map_or(&end, |(_, next)| &next.node);
                let _ = parent.insert_before(&part.node, Some(next));
                row.insert(place, (key, part));
            }
        }));
    }

    fn listen(&mut self, event: &'static str, handle: Box<dyn FnMut(Event)>) {
        let closure = Closure::wrap(handle);
        let target: EventTarget = self.node.clone().into();
        let _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
        self.handlers.push(Handler { target, event, closure });
    }
}

/// Hears an event until it is dropped.
struct Handler {
    target: EventTarget,
    event: &'static str,
    closure: Closure<dyn FnMut(Event)>,
}

impl Drop for Handler {
    fn drop(&mut self) {
        let callback = self.closure.as_ref().unchecked_ref();
        let _ = self.target.remove_event_listener_with_callback(self.event, callback);
    }
}

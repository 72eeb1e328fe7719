//! The page: so far only what settles that Leptos works under the strict Content-Security-Policy.
use leptos::prelude::*;
use leptos::{html, svg};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(start)]
fn start() {
    let n = RwSignal::new(0);
    let list = RwSignal::new(vec![1, 2]);
    leptos::mount::mount_to_body(move || {
        html::div().class("hello").child((
            html::h1().child("hello"),
            svg::svg()
                .attr("viewBox", "0 0 10 10")
                .child(svg::path().attr("d", "M0 0L10 10").attr("stroke", "red")),
            html::button()
                .attr("id", "b")
                .class(("on", move || n.get() % 2 == 1))
                .style(("--x", move || n.get().to_string()))
                .on(leptos::ev::click, move |_| {
                    n.update(|n| *n += 1);
                    list.update(|l| {
                        let n = l.len() as i32 + 1;
                        l.insert(0, n)
                    });
                })
                .child(("count ", move || n.get())),
            move || (n.get() % 2 == 1).then(|| html::p().child("odd")),
            For(ForProps::builder()
                .each(move || list.get())
                .key(|i| *i)
                .children(|i| html::span().child(i))
                .build()),
        ))
    });
}
